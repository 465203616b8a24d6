"""JSON lines: each object byte for byte as it came, extended before its last brace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from delivery.block import Scored, in_blocks, score_rows
from delivery.errors import BadFileError
from delivery.names import error_name, require_distinct
from delivery.tally import Tally
from serving.coercion import ABSENT
from serving.errors import Fault, shown
from serving.feeds import Rows
from serving.lines import BOM, lines_of
from serving.model import Model
from serving.predictions import as_objects


@dataclass(frozen=True, slots=True)
class _Line:
    """A line's text without its ending, the ending, and what it says; blank lines say nothing."""

    text: str
    ending: str
    value: object = None

    @property
    def is_blank(self) -> bool:
        return not self.text or self.text.isspace()


class _NotJson:
    """What a line says that is not JSON."""


def score_json_lines(chunks: Iterable[bytes], model: Model, tally: Tally) -> Iterator[bytes]:
    """Score a JSON-lines file as it streams by; raises InvalidInputError where it is not UTF-8
    text, or where an object already has a name that the prediction adds.

    A line that is no object becomes {"input": …, "error": …}. Blank lines are no rows and pass
    through.
    """
    names = _Names(model)
    for block in in_blocks(map(_line, lines_of(chunks)), size=lambda line: len(line.text)):
        yield _score_block(block, names, model, tally)


class _Names:
    """The names that are added to each object: those of the outputs, and the error's."""

    def __init__(self, model: Model) -> None:
        self.outputs = [f"{model.card.output_prefix}{output.name}" for output in model.outputs]
        self.error = error_name(model.card)
        self.added = [*self.outputs, self.error]
        require_distinct(self.added)

    def require_free(self, cells: Mapping[str, Any], *, row: int) -> None:
        for name in self.added:
            if name in cells:
                raise BadFileError(
                    f"row {row}: expected no member named {name!r}, which the prediction adds; "
                    f"rename it, or set batch.output_prefix in model.toml"
                )


def _line(raw: str) -> _Line:
    text = raw.removesuffix("\n").removesuffix("\r")
    line = _Line(text, raw[len(text) :])
    return line if line.is_blank else _Line(line.text, line.ending, _parsed(text))


def _parsed(text: str) -> object:
    try:
        return orjson.loads(text.removeprefix(BOM))
    except orjson.JSONDecodeError:
        return _NotJson()


def _score_block(block: Sequence[_Line], names: _Names, model: Model, tally: Tally) -> bytes:
    lines = [line for line in block if not line.is_blank]
    objects = [line.value if isinstance(line.value, dict) else {} for line in lines]
    for row, cells in enumerate(objects):
        names.require_free(cells, row=tally.next_row + row)
    rows = Rows(
        len(lines),
        {c.name: [cells.get(c.name, ABSENT) for cells in objects] for c in model.columns},
    )
    scored = score_rows(rows, _misshapen(lines), model)
    tally.add(scored)
    additions = _additions(scored, names)
    return "".join(
        line.text + line.ending
        if line.is_blank
        else _written(line, next(additions), names) + line.ending
        for line in block
    ).encode()


def _misshapen(lines: Sequence[_Line]) -> dict[int, Fault]:
    return {
        row: Fault(row, None, "a JSON object", _described(line.value))
        for row, line in enumerate(lines)
        if not isinstance(line.value, dict)
    }


def _described(value: object) -> str:
    return "text that is not JSON" if isinstance(value, _NotJson) else shown(value)


def _additions(scored: Scored, names: _Names) -> Iterator[dict[str, Any]]:
    predictions = iter(as_objects(scored.values))
    for row in range(scored.length):
        fault = scored.faults.get(row)
        if fault is None:
            values = [*next(predictions).values(), None]
        else:
            values = [*[None] * len(names.outputs), str(fault)]
        yield dict(zip(names.added, values, strict=True))


def _written(line: _Line, addition: dict[str, Any], names: _Names) -> str:
    if isinstance(line.value, dict):
        brace = line.text.rindex("}")
        comma = "," if line.value else ""
        return f"{line.text[:brace]}{comma}{_json(addition)[1:-1]}{line.text[brace:]}"
    text = line.text.removeprefix(BOM)
    said = _json(text) if isinstance(line.value, _NotJson) else text
    return f'{{"input":{said},"error":{_json(addition[names.error])}}}'


def _json(document: object) -> str:
    return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY).decode()
