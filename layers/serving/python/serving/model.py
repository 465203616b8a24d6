"""A model: one version directory, loaded and ready to run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import onnxruntime

from serving.card import Card, read_card
from serving.deployment import Deployment
from serving.digest import scoring_digest
from serving.errors import ConfigurationError, InvalidInputError, ModelError
from serving.features import plan
from serving.feeds import Feeds
from serving.predictions import Raw, named_outputs
from serving.repository import MODEL_FILE
from serving.rowless import why_rowless
from serving.signature import ANY, Signature, read_signature

FATAL = 4  # onnxruntime's log level: what goes wrong is raised, and said by us


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
        self.outputs = named_outputs(self.signature, card)
        self._wanted = [output.tensor.name for output in self.outputs]
        self._batch_size = self.signature.batch_size
        self._rowless = why_rowless(self.name, self.signature, self.outputs)
        self._is_tabular = self.signature.is_tabular

    @classmethod
    def load(cls, deployment: Deployment) -> Self:
        """Load model.onnx and its card; raises ConfigurationError where they cannot serve."""
        directory = deployment.directory
        card = read_card(directory)
        libraries = {"onnxruntime": onnxruntime.__version__, "numpy": np.__version__}
        return cls(
            _session(directory / MODEL_FILE, threads=card.threads),
            deployment,
            card=card,
            digest=scoring_digest(directory, card, libraries),
        )

    def predict(self, feeds: Feeds, length: int) -> dict[str, Raw]:
        """Run `length` (1 or more) rows; each output has one entry per row, in order.

        Raises what `require_rows` does, and ModelError where the graph fails, or answers with
        another number of rows.
        """
        self.require_rows()
        if self._batch_size == ANY:
            return self._run_together(feeds, length)
        return self._run_row_by_row(feeds, length, self._wanted)

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

    def _run_row_by_row(self, feeds: Feeds, length: int, outputs: Sequence[str]) -> dict[str, Raw]:
        runs = [self._run(_row(feeds, row), 1, outputs) for row in range(length)]
        return {name: _join([run[name] for run in runs]) for name in outputs}

    def _run_together(self, feeds: Feeds, length: int) -> dict[str, Raw]:
        # A matrix-vector kernel rounds otherwise than a matrix-matrix one: a lone row runs as two.
        padded = self._is_tabular and length == 1
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


def _session(path: Path, *, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = FATAL
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no base class
        raise ConfigurationError(
            f"{path}: expected a model onnxruntime can load: {error}"
        ) from error


def _row(feeds: Feeds, row: int) -> Feeds:
    return {name: array[row : row + 1] for name, array in feeds.items()}


def _join(parts: list[Raw]) -> Raw:
    maps = [entry for part in parts if isinstance(part, list) for entry in part]
    return maps or np.concatenate([part for part in parts if not isinstance(part, list)])


def _check_length(name: str, values: Raw, length: int) -> None:
    got = np.shape(values)[:1] if isinstance(values, np.ndarray) else (len(values),)
    if got != (length,):
        raise ModelError(
            f"output {name!r}: expected {length} rows, got {got[0] if got else 'none'}"
        )
