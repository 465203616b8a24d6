"""A campaign: numbered cases, each made from the seed and its number alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from fuzz.cells import lawful_rows
from fuzz.damage import damaged_bytes, damaged_document, damaged_event, damaged_text
from fuzz.events import Event, content_of, event_of, prediction_event
from fuzz.inference import inference_event
from fuzz.shapes import Table, spelled
from fuzz.subjects import Subject

MAX_ROWS = 4
CATALOG_PATHS = ["/", "/docs", "/openapi.json", "/models", "/v2", "/v2/health/live"]
CATALOG_PATHS += ["/v2/health/ready", "/v2/repository/index", "/nothing", "/docs/nothing.js"]


@dataclass(frozen=True)
class Case:
    """One event, for the function of a model or for the catalog.

    `rows`: as many predictions must a lawful one be answered with.
    """

    kind: str
    event: Event
    rows: int | None = None
    of_catalog: bool = False


Make = Callable[[Subject, Random], Case]


def _table(subject: Subject, random: Random) -> Table:
    columns = subject.model.columns
    rows = lawful_rows(columns, random, random.randint(1, MAX_ROWS))
    return Table([column.name for column in columns], rows)


def lawful_prediction(subject: Subject, random: Random) -> Case:
    table = _table(subject, random)
    event = prediction_event(subject.model.name, spelled(table, random), random)
    return Case("lawful prediction", event, rows=len(table.rows))


def lawful_inference(subject: Subject, random: Random) -> Case:
    rows = 1 if subject.model.signature.batch_size == 1 else random.randint(1, MAX_ROWS)
    return Case("lawful inference", inference_event(subject.model, random, rows), rows)


def _lawful_event(subject: Subject, random: Random) -> Event:
    make = random.choice([lawful_prediction, lawful_prediction, lawful_inference])
    return make(subject, random).event


def wrong_document(subject: Subject, random: Random) -> Case:
    event = _lawful_event(subject, random)
    return Case("wrong document", _with_content(event, damaged_document, random))


def damaged_content(subject: Subject, random: Random) -> Case:
    event = _lawful_event(subject, random)
    if random.random() < 1 / 2:
        return Case("damaged text", _with_content(event, damaged_text, random))
    content = damaged_bytes(content_of(event), random)
    return Case("damaged bytes", _again(event, content, random))


def odd_event(subject: Subject, random: Random) -> Case:
    return Case("damaged event", damaged_event(_lawful_event(subject, random), random))


def _with_content(event: Event, damage: Callable[[str, Random], str], random: Random) -> Event:
    try:
        text = content_of(event).decode()
    except UnicodeDecodeError:
        return _again(event, damaged_bytes(content_of(event), random), random)
    return _again(event, damage(text, random), random)


def _again(event: Event, content: bytes | str, random: Random) -> Event:
    return event_of("POST", event["rawPath"], content, event["headers"], random)


def of_catalog(subject: Subject, random: Random) -> Case:
    """A request for the catalog, which gets all that no model's function takes."""
    path = random.choice([*CATALOG_PATHS, f"/models/{subject.model.name}x/predict"])
    event = event_of("GET", path, "", {"accept": "*/*"}, random)
    if random.random() < 1 / 2:
        event = damaged_event(event, random)
    return Case("catalog", event, of_catalog=True)


MAKERS: list[tuple[Make, int]] = [
    (lawful_prediction, 30),
    (lawful_inference, 10),
    (wrong_document, 25),
    (damaged_content, 25),
    (odd_event, 7),
    (of_catalog, 3),
]


def case_of(seed: int, number: int, subjects: Sequence[Subject]) -> tuple[Subject, Case]:
    random = Random(f"{seed}:{number}")
    subject = random.choice(subjects)
    make = random.choices([make for make, _ in MAKERS], [weight for _, weight in MAKERS])[0]
    return subject, make(subject, random)
