"""The card: what a model means, read from `model.toml`.

A graph declares tensors. The card names the features that fill them, what values they may hold,
what the outputs are called, and who answers for the model. Without a card everything comes from
the graph.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from serving.document import Table

FILE_NAME = "model.toml"

Kind = Literal["number", "category", "text"]
Missing = Literal["reject", "nan", "fill"]
LongRows = Literal["reject", "mark"]

KINDS: tuple[Kind, ...] = get_args(Kind)
MISSING: tuple[Missing, ...] = get_args(Missing)
LONG_ROWS: tuple[LongRows, ...] = get_args(LongRows)


class Feature(NamedTuple):
    """A named column, and what its cells may hold. `tensor` None: the input of the same name."""

    name: str
    kind: Kind
    tensor: str | None
    description: str
    categories: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    missing: Missing
    fill: float | str | None


class Output(NamedTuple):
    """A graph output under the name that callers see.

    `labels` name the classes of an integer output, or the columns of a wide one.
    """

    name: str
    tensor: str
    description: str
    labels: tuple[str, ...]


class Card(NamedTuple):
    """Everything `model.toml` says, with its defaults filled in.

    `error_threshold` is the share (a float up to 1.0) or the count (an integer) of bad rows above
    which a file is bad; None: any good row is enough.
    """

    live: int | None = None
    title: str = ""
    description: str = ""
    owner: str = ""
    licence: str = ""
    intended_use: str = ""
    limits: str = ""
    threads: int = 1
    features: tuple[Feature, ...] = ()
    outputs: tuple[Output, ...] = ()
    error_threshold: float | None = None
    output_prefix: str = ""
    long_rows: LongRows = "reject"


def read_card(version_directory: Path) -> Card:
    """The card beside the model or one directory up; the empty card where there is none.

    Raises ConfigurationError, naming the file, the key and what was expected.
    """
    for directory in (version_directory, version_directory.resolve().parent):
        path = directory / FILE_NAME
        if path.is_file():
            return parse_card(path.read_bytes(), source=str(path))
    return Card()


def parse_card(toml: bytes, *, source: str) -> Card:
    """Read a card from TOML; `source` names it in errors."""
    table = Table.parse(toml, source=source)
    batch = table.table("batch")
    card = Card(
        live=table.required("live", int),
        title=table.text("title"),
        description=table.text("description"),
        owner=table.text("owner"),
        licence=table.text("licence"),
        intended_use=table.text("intended_use"),
        limits=table.text("limits"),
        threads=table.positive("threads", default=1),
        features=tuple(_feature(name, t) for name, t in table.tables("features")),
        outputs=tuple(_output(name, t) for name, t in table.tables("outputs")),
        error_threshold=_threshold(batch),
        output_prefix=batch.text("output_prefix"),
        long_rows=batch.choice("long_rows", LONG_ROWS, default="reject"),
    )
    batch.refuse_the_rest()
    table.refuse_the_rest()
    return card


def _feature(name: str, table: Table) -> Feature:
    kind = table.choice("kind", KINDS)
    missing = table.choice("missing", MISSING, default="reject")
    feature = Feature(
        name=name,
        kind=kind,
        tensor=table.optional("tensor", str),
        description=table.text("description"),
        categories=table.texts("categories"),
        minimum=table.number("minimum"),
        maximum=table.number("maximum"),
        missing=missing,
        fill=table.number("fill") if kind == "number" else table.optional("fill", str),
    )
    table.refuse_the_rest()
    _agree(feature, table)
    return feature


def _agree(feature: Feature, table: Table) -> None:
    numeric = feature.kind == "number"
    if feature.categories and feature.kind != "category":
        raise table.error("categories", 'kind = "category" beside it', feature.kind)
    if not numeric and (feature.minimum is not None or feature.maximum is not None):
        raise table.error("minimum, maximum", 'kind = "number" beside them', feature.kind)
    if feature.missing == "nan" and not numeric:
        raise table.error("missing", '"reject" or "fill" unless kind = "number"', "nan")
    if (feature.missing == "fill") != (feature.fill is not None):
        raise table.error("fill", 'a value exactly when missing = "fill"', str(feature.fill))
    _agree_on_range(feature, table)
    if feature.categories and feature.fill not in {None, *feature.categories}:
        raise table.error("fill", "one of the categories", repr(feature.fill))


def _agree_on_range(feature: Feature, table: Table) -> None:
    lowest = -math.inf if feature.minimum is None else feature.minimum
    highest = math.inf if feature.maximum is None else feature.maximum
    if lowest > highest:
        raise table.error("minimum", f"at most the maximum of {highest:g}", f"{lowest:g}")
    if not isinstance(feature.fill, str | None) and not lowest <= feature.fill <= highest:
        raise table.error("fill", f"a number from {lowest:g} to {highest:g}", f"{feature.fill:g}")


def _output(name: str, table: Table) -> Output:
    output = Output(
        name=name,
        tensor=table.text("tensor", default=name),
        description=table.text("description"),
        labels=table.texts("labels"),
    )
    table.refuse_the_rest()
    return output


def _threshold(batch: Table) -> float | None:
    value = batch.number("error_threshold")
    if value is None:
        return None
    share = isinstance(value, float) and 0 <= value <= 1
    if not share and not (isinstance(value, int) and value >= 0):
        expected = "a share from 0.0 to 1.0, or a whole number of rows"
        raise batch.error("error_threshold", expected, str(value))
    return value
