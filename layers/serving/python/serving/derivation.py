"""Derivation: what answers hold in place of a graph's own scores, row by row as the card says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from serving.card_outputs import Activation, Output
from serving.coercion import Array
from serving.errors import ConfigurationError, ModelError
from serving.signature import ANY, Tensor

FLOATS = {"FP16", "FP32", "FP64"}


class Derivation(NamedTuple):
    """From the scores of `source`, the graph's output.

    Activations are computed in float64, each row by itself, and rounded to the scores' own type.
    The highest columns are found before that; the threshold is for the value as it is answered.
    """

    source: Tensor
    output: Output

    def values(self, raw: object) -> Array | list[Any]:
        """One entry per row, with no labels yet but in a ranking.

        Raises ModelError where rows have other scores than the card says, or there is no telling,
        for NaN.
        """
        output = self.output
        scores = self._scores(raw)
        if output.activation is not None:
            scores = _ACTIVATIONS[output.activation](scores.astype(np.float64))
        if output.take is not None:
            self._require_numbers(scores)
            return scores.argmax(axis=1) if output.k is None else self._ranking(scores, output.k)
        rounded = scores.astype(self.source.dtype)
        if output.column is not None:
            rounded = rounded[:, [output.column]]
        if output.threshold is not None:
            self._require_numbers(rounded)
            rounded = rounded >= rounded.dtype.type(output.threshold)
        return rounded[:, 0] if rounded.shape[1] == 1 else rounded

    def _scores(self, raw: object) -> Array:
        """As `[row, column]`, in the order in which memory holds them: every row adds up alike."""
        scores = np.ascontiguousarray(raw)
        matrix = scores.reshape(len(scores), -1)
        least = (self.output.column or 0) + 1
        most = 1 if self.output.column is None and self.output.threshold is not None else None
        width = matrix.shape[1]
        if width == max(scores.shape[1:], default=1) and least <= width <= (most or width):
            return matrix
        expected = f"rows of at least {least} scores" if most is None else "one score for each row"
        raise self._error(expected, f"rows of shape {list(scores.shape[1:])}")

    def _require_numbers(self, scores: Array) -> None:
        if np.isnan(scores).any():
            raise self._error("scores to decide by", "NaN")

    def _error(self, expected: str, got: str) -> ModelError:
        return ModelError(f"output {self.output.name!r}: expected {expected}, got {got}")

    def _ranking(self, scores: Array, k: int) -> list[Any]:
        """The `k` highest of each row, of equal ones those that come first."""
        highest = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        rounded = np.take_along_axis(scores, highest, axis=1).astype(self.source.dtype)
        return [
            [
                {"label": self._label(place), "score": score}
                for place, score in zip(*row, strict=True)
            ]
            for row in zip(highest.tolist(), rounded, strict=True)
        ]

    def _label(self, place: int) -> str | int:
        labels = self.output.labels
        if not labels:
            return place
        if place < len(labels):
            return labels[place]
        raise self._error(f"a column from 0 to {len(labels) - 1}", str(place))


def _softmax(scores: Array) -> Array:
    # Of infinite scores there are no shares: they are NaN.
    with np.errstate(invalid="ignore"):
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: Array = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _sigmoid(scores: Array) -> Array:
    # What overflows is the inverse of a share that is 0.
    with np.errstate(over="ignore"):
        shares: Array = 1 / (1 + np.exp(-scores))
    return shares


_ACTIVATIONS: Mapping[Activation, Callable[[Array], Array]] = {
    "softmax": _softmax,
    "sigmoid": _sigmoid,
}


def derive(output: Output, source: Tensor) -> tuple[Tensor, Derivation]:
    """What an output's entries are elements of, and how they come about. Its datatype is RANKING
    where they are lists of the highest columns, as objects of label and score.

    Raises ConfigurationError where the graph has no such scores.
    """
    key = f"outputs.{output.name}"
    _check_source(source, key)
    if source.shape and source.row_shape != (ANY,):
        _check_width(output, 1 if source.row_is_scalar else source.row_shape[0], key)
    return _entries(output, source), Derivation(source, output)


def _entries(output: Output, source: Tensor) -> Tensor:
    rows = (ANY,)
    match output:
        case Output(take="argmax"):
            return Tensor(output.name, "INT64", rows)
        case Output(take="top-k"):
            return Tensor(output.name, "RANKING", rows)
        case Output(threshold=float() | int()):
            return Tensor(output.name, "BOOL", rows)
        case Output(column=int()):
            return Tensor(output.name, source.datatype, rows)
    return source


def _check_source(source: Tensor, key: str) -> None:
    if source.datatype not in FLOATS or len(source.row_shape) > 1:
        raise ConfigurationError(
            f"{key}.tensor: expected scores as floats, at most a row of them, {source.name!r} is "
            f"{source.datatype} {list(source.shape)}"
        )


def _check_width(output: Output, width: int, key: str) -> None:
    """Against the scores of a row, where the graph says how many there are."""
    if width == 1 and (output.take or output.activation == "softmax"):
        raise ConfigurationError(
            f"{key}: expected a row of scores for softmax, argmax and top-k, {output.tensor!r} has "
            "one for each row"
        )
    if output.column is not None and output.column >= width:
        expected = f"a column from 0 to {width - 1}"
        raise ConfigurationError(f"{key}.index: expected {expected}, got {output.column}")
    if output.column is None and output.threshold is not None and width > 1:
        expected = "index beside it, to choose one of the scores"
        raise ConfigurationError(f"{key}.threshold: expected {expected}, got none")
    if output.k is not None and output.k > width:
        raise ConfigurationError(f"{key}.k: expected at most {width}, got {output.k}")
    if output.labels and len(output.labels) != width:
        expected = f"{width} of them, one for each score"
        raise ConfigurationError(f"{key}.labels: expected {expected}, got {len(output.labels)}")
