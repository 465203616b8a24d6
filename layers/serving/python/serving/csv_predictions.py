"""Predictions as columns of a CSV file, the same in every door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from serving.card import Card
from serving.predictions import NamedOutput, Values

# A spreadsheet runs a cell that begins so as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_names(output: NamedOutput, card: Card) -> list[str]:
    """The columns of an output: one for each element of a wide one, else one in all."""
    name = f"{card.output_prefix}{output.name}"
    width = _width(output)
    if width == 1:
        return [name]
    return [f"{name}_{label}" for label in output.labels or range(width)]


def _width(output: NamedOutput) -> int:
    shape = output.tensor.row_shape
    return shape[0] if len(shape) == 1 and shape[0] > 1 else 1


def csv_columns(
    values: Mapping[str, Values], outputs: Sequence[NamedOutput]
) -> Iterator[list[str]]:
    """The cells of each column that `csv_names` names, in its order."""
    for output in outputs:
        entries = values[output.name]
        if _width(output) == 1:
            yield _texts(entries)
        else:
            for key in output.labels or range(_width(output)):
                yield _texts([entry[key] for entry in entries])


def _texts(values: Values) -> list[str]:
    if isinstance(values, np.ndarray) and values.ndim > 1:
        return [_text(entry) for entry in values]
    first = values[0] if len(values) else None
    if isinstance(first, str):
        # Mostly labels, which are few.
        texts = {value: _text(value) for value in set(values)}
        return [texts[value] for value in values]
    if isinstance(first, (list, dict)):
        return [_text(value) for value in values]
    numbers = orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY).decode()[1:-1].split(",")
    return ["" if number == "null" else number for number in numbers]


def _text(value: Any) -> str:  # noqa: ANN401 - whatever a graph may answer
    if isinstance(value, str):
        return quoted(f"'{value}" if value.startswith(FORMULA_STARTS) else value)
    return quoted(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode())


def quoted(text: str) -> str:
    """A cell as RFC 4180 writes it."""
    if any(character in text for character in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
