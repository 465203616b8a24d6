"""Answers: a model's predictions, in the media type that their caller accepts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import orjson

from gateway.api import MAX_PAYLOAD_BYTES
from gateway.content_encoding import MAX_DECODED_BYTES
from gateway.negotiation import JSON_LINES, preferred, shown_header
from gateway.problem import ANSWER_TOO_LARGE, NOT_ACCEPTABLE, ProblemError
from gateway.response import JSON, Response
from gateway.row_size import least_row_bytes
from serving.csv_predictions import csv_columns, csv_names, quoted
from serving.model import Model
from serving.predictions import Raw, Values, as_json, encode

Write = Callable[[Mapping[str, Values]], str]


class Answers:
    """What a model's predictions look like in every media type that there is for them."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._writers: dict[str, Write] = {
            JSON: self._json,
            "text/csv": self._csv,
            **dict.fromkeys(JSON_LINES, self._json_lines),
        }
        self._offers = tuple(self._writers)
        self._row_bytes = least_row_bytes(model.outputs, prefix=model.card.output_prefix)

    def negotiate(self, accept: str) -> str:
        """The media type to answer in; raises ProblemError where an Accept header has none."""
        media_type = preferred(accept, self._offers)
        if media_type is None:
            there = ", ".join(self._offers)
            got = shown_header(accept)
            raise ProblemError(NOT_ACCEPTABLE, f"accept: expected one of {there}, got {got}")
        return media_type

    def require_room(self, media_type: str, rows: int, *, compressed: bool) -> None:
        """Raises ProblemError where the answer for so many rows is too large however short its
        numbers are: before anything is scored."""
        most = MAX_DECODED_BYTES if compressed else MAX_PAYLOAD_BYTES
        _require(rows * self._row_bytes[media_type], most)

    def respond(self, media_type: str, raw: Mapping[str, Raw]) -> Response:
        """The answer that carries a run's outputs."""
        # An output of open width takes what it likes; each of its elements needs a separator.
        elements = sum(values.size for values in raw.values() if isinstance(values, np.ndarray))
        _require(elements, MAX_DECODED_BYTES)
        body = self._writers[media_type](encode(raw, self._model.outputs))
        return Response(200, body, media_type, {"scoring-digest": self._model.digest})

    def _json(self, predictions: Mapping[str, Values]) -> str:
        model = self._model
        answer = {
            "model": model.name,
            "version": model.version,
            "predictions": orjson.Fragment(f"[{','.join(as_json(predictions))}]"),
        }
        return orjson.dumps(answer).decode()

    def _csv(self, predictions: Mapping[str, Values]) -> str:
        outputs, card = self._model.outputs, self._model.card
        header = [quoted(name) for output in outputs for name in csv_names(output, card)]
        rows = zip(*csv_columns(predictions, outputs), strict=True)
        # One empty cell alone would be a blank line, which is no row.
        lines = (",".join(cells) or '""' for cells in (header, *rows))
        return "".join(f"{line}\n" for line in lines)

    def _json_lines(self, predictions: Mapping[str, Values]) -> str:
        prefix = self._model.card.output_prefix
        named = {f"{prefix}{name}": values for name, values in predictions.items()}
        return "".join(f"{line}\n" for line in as_json(named))


def _require(least_bytes: int, most_bytes: int) -> None:
    if least_bytes > most_bytes:
        raise ProblemError(
            ANSWER_TOO_LARGE,
            f"the answer: expected at most {most_bytes} bytes, got at least {least_bytes}; "
            "send fewer rows at a time, or a file for batch scoring",
        )
