"""The card: what a model means, read from `model.toml`.

A graph declares tensors. The card names the features that fill them, what values they may hold,
what the outputs are called, and who answers for the model. Without a card everything comes from
the graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from serving.card_features import Feature, parse_features
from serving.card_outputs import Output, parse_outputs
from serving.document import Table
from serving.errors import ConfigurationError

FILE_NAME = "model.toml"

LongRows = Literal["reject", "mark"]

LONG_ROWS: tuple[LongRows, ...] = get_args(LongRows)

# Far more than Lambda's six processors: onnxruntime starts as many as it is told.
MAX_THREADS = 64
# What a run holds at once of texts and of pictures, however many rows there are. The layers of a
# network hold many times what its input does.
TOKENS_PER_RUN = 16 * 1024
VALUES_PER_RUN = 1024 * 1024


class Card(NamedTuple):
    """Everything `model.toml` says, with its defaults filled in.

    `error_threshold` is the share (a float up to 1.0) or the count (an integer) of bad rows above
    which a file is bad; None: any good row is enough. `tolerance`, absolute and relative, is how
    far predictions of the same row may lie apart. `extensions` admits the operators of
    onnxruntime-extensions. `source` is where the card stands, for whoever has to mend it.
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
    tokens_per_run: int = TOKENS_PER_RUN
    values_per_run: int = VALUES_PER_RUN
    tolerance: float = 0.0
    extensions: bool = False
    source: str = FILE_NAME


def read_card(version_directory: Path) -> Card:
    """The card beside the model or one directory up; the empty card where there is none.

    Raises ConfigurationError, naming the file, the key and what was expected.
    """
    path = card_path(version_directory)
    return Card() if path is None else parse_card(path.read_bytes(), source=str(path))


def card_path(version_directory: Path) -> Path | None:
    for directory in (version_directory, version_directory.resolve().parent):
        path = directory / FILE_NAME
        if path.is_file():
            return path
    return None


@contextmanager
def naming(source: object) -> Iterator[None]:
    """Where what a card says is held against the graph: refusals begin with the card's path, as
    those of the parser do."""
    try:
        yield
    except ConfigurationError as error:
        raise ConfigurationError(f"{source}: {error}") from error


def parse_card(toml: bytes, *, source: str) -> Card:
    """Read a card from TOML; `source` names it in errors."""
    table = Table.parse(toml, source=source)
    batch, runs, golden, graph = map(table.table, ("batch", "runs", "golden", "graph"))
    card = Card(
        live=table.required("live", int),
        title=table.text("title"),
        description=table.text("description"),
        owner=table.text("owner"),
        licence=table.text("licence"),
        intended_use=table.text("intended_use"),
        limits=table.text("limits"),
        threads=table.positive("threads", default=1, most=MAX_THREADS),
        features=parse_features(table),
        outputs=parse_outputs(table),
        error_threshold=_threshold(batch),
        output_prefix=batch.text("output_prefix"),
        long_rows=batch.choice("long_rows", LONG_ROWS, default="reject"),
        tokens_per_run=runs.positive("tokens", default=TOKENS_PER_RUN),
        values_per_run=runs.positive("values", default=VALUES_PER_RUN),
        tolerance=_tolerance(golden),
        extensions=graph.flag("extensions"),
        source=source,
    )
    table.table("source")  # for the registry, which fetches versions
    for part in (batch, runs, golden, graph, table):
        part.refuse_the_rest()
    _require_tolerance(card, table)
    return card


def _tolerance(golden: Table) -> float:
    tolerance = golden.number("tolerance") or 0.0
    if tolerance < 0:
        raise golden.error("tolerance", "a number from 0", f"{tolerance:g}")
    return tolerance


def _require_tolerance(card: Card, table: Table) -> None:
    """Where the rows of a run decide how far each is padded, they decide its last bits too."""
    for feature in card.features:
        if feature.text is not None and feature.text.padding == "longest" and not card.tolerance:
            key = f"features.{feature.name}.padding"
            expected = '"fixed", or [golden] with a tolerance: bits depend on the rows of a run'
            raise table.error(key, expected, '"longest" alone')


def _threshold(batch: Table) -> float | None:
    value = batch.number("error_threshold")
    if value is None:
        return None
    share = isinstance(value, float) and 0 <= value <= 1
    if not share and not (isinstance(value, int) and value >= 0):
        expected = "a share from 0.0 to 1.0, or a whole number of rows"
        raise batch.error("error_threshold", expected, str(value))
    return value
