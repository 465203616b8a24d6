"""Spelling: one value in any of the texts that mean it, in JSON and in CSV."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import cast

SPACES = ["", "", "", " ", "\n", "\t", "\r\n", "  "]
# Beyond it a float64 does not hold every integer, so exponents would change the value.
EXACT = 2**53


class Extent(int):
    """An extent of a shape, which is no 3.0."""


def json_text(value: object, random: Random) -> str:
    """The same JSON: other spaces, other orders of keys, other spellings of strings and numbers."""
    space = random.choice(SPACES)
    if isinstance(value, dict):
        items = random.sample(list(value.items()), len(value))
        pairs = (
            f"{json_string(key, random)}{space}:{space}{json_text(item, random)}"
            for key, item in items
        )
        return f"{space}{{{space}{f'{space},'.join(pairs)}}}{space}"
    if isinstance(value, list):
        cells = f"{space},".join(json_text(item, random) for item in value)
        return f"[{space}{cells}{space}]"
    if isinstance(value, str):
        return json_string(value, random)
    # No subclass of int: a bool is not spelled as a number, and an Extent only plainly.
    if type(value) in {int, float}:
        return number_text(cast("float", value), random)
    return json.dumps(value)


def json_string(text: str, random: Random) -> str:
    if random.random() < 3 / 4:
        return json.dumps(text, ensure_ascii=random.random() < 1 / 2)
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02X}" for i in range(0, len(units), 2))


def number_text(value: float, random: Random) -> str:
    """The number as JSON spells it: plainly, with an exponent, with zeros behind the point."""
    plain = repr(value)
    if (isinstance(value, int) and abs(value) >= EXACT) or random.random() < 1 / 2:
        return plain
    if plain == "-0.0":
        return random.choice(["-0.0", "-0", "-0e0", "-0.00E+5"])
    sign, digits, exponent = Decimal(plain).as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - for mypy: the number is finite
    mantissa = "-" * sign + "".join(map(str, digits))
    zeros = "0" * random.randint(0, 2)
    mark, plus = random.choice("eE"), random.choice(["", "+"]) if exponent >= 0 else ""
    return random.choice(
        [
            f"{mantissa}{mark}{plus}{exponent}",
            f"{mantissa}.0{zeros}{mark}{plus}{exponent}",
            f"{plain}{zeros}" if "." in plain and "e" not in plain else plain,
        ]
    )


def csv_text(header: Sequence[str], rows: Sequence[Sequence[object]], random: Random) -> str:
    """A header and records: quotes where they may be, either line ending, blank lines."""
    ending = random.choice(["\n", "\r\n"])
    records = [[_csv_cell(name, random) for name in header]]
    records += [[_csv_cell(cell, random) for cell in row] for row in rows]
    # A record of one cell that is empty would be a blank line.
    lines = [",".join(record) or '""' for record in records]
    blank = ending * random.randint(0, 1)
    return random.choice(["", "\ufeff"]) + f"{ending}{blank}".join(lines) + blank


def _csv_cell(cell: object, random: Random) -> str:
    text = _plain(cell, random)
    if any(mark in text for mark in ',"\r\n') or random.random() < 1 / 5:
        return '"' + text.replace('"', '""') + '"'
    return text


def _plain(cell: object, random: Random) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return random.choice(["true", "True", "TRUE"] if cell else ["false", "False", "FALSE"])
    if isinstance(cell, int | float):
        return random.choice(["", "", " "]) + number_text(cell, random) + random.choice(["", "\t"])
    return json_text(cell, random)
