"""Shapes: the same rows in every document, and in every format, that predict takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from fuzz.spelling import csv_text, json_text


@dataclass(frozen=True)
class Table:
    """Rows under the names of their columns."""

    names: list[str]
    rows: list[list[object]]

    @property
    def objects(self) -> list[dict[str, object]]:
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]

    @property
    def arrays(self) -> list[object]:
        """The rows as arrays; of a column of arrays that is alone, the array is the row."""
        alone = len(self.names) == 1 and isinstance(self.rows[0][0], list)
        return [row[0] for row in self.rows] if alone else [*self.rows]

    @property
    def columns(self) -> dict[str, dict[str, object]]:
        return {
            name: {str(index): row[position] for index, row in enumerate(self.rows)}
            for position, name in enumerate(self.names)
        }

    def reordered(self, random: Random) -> Table:
        order = random.sample(range(len(self.names)), len(self.names))
        return Table(
            [self.names[position] for position in order],
            [[row[position] for position in order] for row in self.rows],
        )


@dataclass(frozen=True)
class Body:
    """What is sent, and its media type."""

    text: str
    content_type: str


DOCUMENTS: list[Callable[[Table, Random], object]] = [
    lambda table, _: {"instances": table.objects},
    lambda table, _: {"instances": table.arrays},
    lambda table, _: table.objects,
    lambda table, _: table.arrays,
    lambda table, _: table.columns,
    lambda table, random: {"dataframe_split": _split(table.reordered(random))},
    lambda table, _: {"dataframe_records": table.objects},
]


def _split(table: Table) -> dict[str, object]:
    return {"columns": table.names, "data": table.rows}


def spelled(table: Table, random: Random) -> Body:
    """The table in one of all the ways to send it."""
    way = random.choice([_csv, _json_lines, _json, _json, _json])
    return way(table, random)


def _json(table: Table, random: Random) -> Body:
    return Body(json_text(random.choice(DOCUMENTS)(table, random), random), "application/json")


def _csv(table: Table, random: Random) -> Body:
    table = table.reordered(random)
    content_type = random.choice(["text/csv", "text/csv; charset=utf-8", "Text/CSV;header=present"])
    return Body(csv_text(table.names, table.rows, random), content_type)


def _json_lines(table: Table, random: Random) -> Body:
    values: Sequence[object] = random.choice([table.objects, table.arrays])
    # Within a line, line endings are no spaces.
    lines = [json_text(value, random).replace("\n", " ").replace("\r", " ") for value in values]
    ending = random.choice(["\n", "\r\n", "\n\n", "\n \n"])
    media_types = ["application/jsonl", "application/x-ndjson", "application/json-lines"]
    return Body(ending.join(lines), random.choice(media_types))
