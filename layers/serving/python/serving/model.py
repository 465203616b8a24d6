"""A model: one version directory, loaded and ready to run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import onnxruntime

from serving.card import Card, read_card
from serving.coercion import Array
from serving.deployment import Deployment
from serving.digest import scoring_digest
from serving.errors import InvalidInputError, ModelError
from serving.features import plan
from serving.feeds import Feeds
from serving.libraries import extra_versions
from serving.predictions import Raw, named_outputs
from serving.repository import MODEL_FILE
from serving.rowless import why_rowless
from serving.session import open_session, read_model_file
from serving.signature import ANY, Signature, read_signature

if TYPE_CHECKING:
    from serving.micro_batches import MicroBatches


class Model:
    """A version that can predict: `columns` in, `outputs` out, under one scoring digest."""

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        deployment: Deployment,
        *,
        card: Card,
        digest: str,
    ) -> None:
        self._session = session
        self.name = deployment.name
        self.version = deployment.version
        self.card = card
        self.digest = digest
        self.signature: Signature = read_signature(session.get_inputs(), session.get_outputs())
        self.columns = plan(self.signature, card)
        self._micro_batches: MicroBatches | None = None
        if self.columns.prepared_size:
            self._prepare(deployment.directory)
        self.outputs = named_outputs(self.signature, card)
        self._wanted = [*dict.fromkeys(output.source.name for output in self.outputs)]
        self._batch_size = self.signature.batch_size
        self._rowless = why_rowless(self.name, self.signature, self.outputs)
        # Kernels for one row round otherwise than those for several: a lone row runs as two, unless
        # its card says how much it may differ, or its cells are arrays, of which nothing is known.
        is_prepared = self._micro_batches is not None
        self._pads = card.tolerance == 0 if is_prepared else self.signature.is_tabular

    @classmethod
    def load(cls, deployment: Deployment) -> Self:
        """Load model.onnx and its card; raises ConfigurationError where they cannot serve."""
        directory = deployment.directory
        card = read_card(directory)
        libraries = {
            "onnxruntime": onnxruntime.__version__,
            "numpy": np.__version__,
            **extra_versions(card),
        }
        content = read_model_file(directory)
        return cls(
            open_session(content, directory, card),
            deployment,
            card=card,
            digest=scoring_digest(directory, card, libraries, read={MODEL_FILE: content}),
        )

    def predict(self, feeds: Feeds, length: int) -> dict[str, Raw]:
        """Run `length` (1 or more) rows; each output has one entry per row, in order.

        Raises what `require_rows` does, and ModelError where the graph fails, or answers with
        another number of rows.
        """
        self.require_rows()
        if self._micro_batches is None:
            return self._run_rows(feeds, length)
        return self._run_in_micro_batches(self._micro_batches, feeds, length)

    def require_rows(self) -> None:
        """Raises InvalidInputError where inputs or outputs are declared without rows."""
        if self._rowless is not None:
            raise InvalidInputError(self._rowless)

    def run(self, feeds: Feeds, outputs: Sequence[str]) -> dict[str, Raw]:
        """Run the graph's own tensors as they are: the outputs of a bare session, bit by bit.

        A graph that is fixed to one row runs row by row. Raises InvalidInputError where its inputs
        have no rows, or not as many as each other, and ModelError where the graph fails.
        """
        lengths = {array.shape[:1] for array in feeds.values()}
        if self._batch_size != 1 or lengths == {(1,)}:
            return self._outputs(feeds, outputs)
        if len(lengths) != 1 or lengths == {(0,)}:
            shapes = [list(array.shape) for array in feeds.values()]
            raise InvalidInputError(f"inputs: expected rows, as many in each, got {shapes}")
        [(length,)] = lengths
        return self._run_row_by_row(feeds, length, outputs)

    def _prepare(self, directory: Path) -> None:
        """Bring what makes texts and pictures into tensors; models of other cells start without."""
        from serving.micro_batches import MicroBatches  # noqa: PLC0415
        from serving.preparations import with_preparations  # noqa: PLC0415

        self.columns = with_preparations(self.columns, directory)
        self._micro_batches = MicroBatches(self.columns, self.card)

    def _run_in_micro_batches(
        self, micro_batches: MicroBatches, feeds: Feeds, length: int
    ) -> dict[str, Raw]:
        rows, runs = [], []
        for batch in micro_batches.cut(feeds, length):
            rows.append(batch.rows)
            runs.append(self._run_rows(batch.feeds, len(batch.rows)))
        places = np.argsort(np.concatenate(rows))
        return {name: _taken(_join([run[name] for run in runs]), places) for name in self._wanted}

    def _run_rows(self, feeds: Feeds, length: int) -> dict[str, Raw]:
        if self._batch_size == ANY:
            return self._run_together(feeds, length)
        return self._run_row_by_row(feeds, length, self._wanted)

    def _run_row_by_row(self, feeds: Feeds, length: int, outputs: Sequence[str]) -> dict[str, Raw]:
        runs = [self._run(_row(feeds, row), 1, outputs) for row in range(length)]
        return {name: _join([run[name] for run in runs]) for name in outputs}

    def _run_together(self, feeds: Feeds, length: int) -> dict[str, Raw]:
        padded = self._pads and length == 1
        rows = {name: array.repeat(2, axis=0) for name, array in feeds.items()} if padded else feeds
        outputs = self._run(rows, length + padded, self._wanted)
        return {name: values[:length] for name, values in outputs.items()}

    def _run(self, feeds: Feeds, length: int, names: Sequence[str]) -> dict[str, Raw]:
        outputs = self._outputs(feeds, names)
        for name, values in outputs.items():
            _check_length(name, values, length)
        return outputs

    def _outputs(self, feeds: Feeds, names: Sequence[str]) -> dict[str, Raw]:
        try:
            outputs = self._session.run(names, feeds)
        except Exception as error:  # onnxruntime's errors share no base class
            raise ModelError(f"model {self.name} failed on these rows") from error
        return dict(zip(names, outputs, strict=True))


def _row(feeds: Feeds, row: int) -> Feeds:
    return {name: array[row : row + 1] for name, array in feeds.items()}


def _join(parts: list[Raw]) -> Raw:
    maps = [entry for part in parts if isinstance(part, list) for entry in part]
    arrays = [part for part in parts if not isinstance(part, list)]
    shapes = {array.shape[1:] for array in arrays}
    if len(shapes) > 1:
        expected = "rows of one shape in all runs"
        raise ModelError(f"outputs: expected {expected}, got {[*map(list, sorted(shapes))]}")
    return maps or np.concatenate(arrays)


def _taken(values: Raw, places: Array) -> Raw:
    return values[places] if isinstance(values, np.ndarray) else [values[p] for p in places]


def _check_length(name: str, values: Raw, length: int) -> None:
    got = np.shape(values)[:1] if isinstance(values, np.ndarray) else (len(values),)
    if got != (length,):
        raise ModelError(
            f"output {name!r}: expected {length} rows, got {got[0] if got else 'none'}"
        )
