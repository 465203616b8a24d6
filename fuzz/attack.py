"""An attack: the cases of a campaign, each answered and judged."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fuzz.campaign import Case, case_of
from fuzz.events import is_head
from fuzz.subjects import Subject, catalog_environ, catalog_handle, predict_subjects
from fuzz.verdict import judge
from tests.functional.runtime import Runtime

CATALOG = "catalog"
# Each of them is a process of its own.
RUNTIME_MODELS = {"housing", "string", "one-row-a-run"}

Answer = Callable[[Any], dict[str, Any]]


@dataclass
class Outcome:
    """How many cases of each kind were answered with each status, and what went wrong."""

    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: dict[int, str] = field(default_factory=dict)


def attack_in_process(directory: Path, seed: int, numbers: Iterable[int]) -> Outcome:
    subjects = predict_subjects(directory)
    functions = {subject.model.name: subject.handle for subject in subjects}
    functions[CATALOG] = catalog_handle(catalog_environ(directory, subjects))
    return _attack(subjects, functions, seed, numbers)


def attack_through_runtime(directory: Path, seed: int, numbers: Iterable[int]) -> Outcome:
    """The same through awslambdaric, where an exit of the process fails the case."""
    subjects = [s for s in predict_subjects(directory) if s.model.name in RUNTIME_MODELS]
    with ExitStack() as stack:
        functions: dict[str, Answer] = {
            subject.model.name: stack.enter_context(Runtime("predict", **subject.environ))
            for subject in subjects
        }
        environ = catalog_environ(directory, subjects)
        functions[CATALOG] = stack.enter_context(Runtime("catalog", **environ))
        return _attack(subjects, functions, seed, numbers)


def _attack(
    subjects: Sequence[Subject], functions: Mapping[str, Answer], seed: int, numbers: Iterable[int]
) -> Outcome:
    outcome = Outcome()
    for number in numbers:
        subject, case = case_of(seed, number, subjects)
        name = CATALOG if case.of_catalog else subject.model.name
        try:
            answer = functions[name](case.event)
            status = judge(answer, rows=case.rows, to_head=is_head(case.event))
        # Whatever it is, it is what the fuzzer looks for.
        except Exception as error:  # noqa: BLE001
            outcome.failures[number] = _told(case, name, error)
        else:
            outcome.counts[case.kind, status] += 1
    return outcome


def _told(case: Case, name: str, error: Exception) -> str:
    return f"{case.kind}, for {name}: {type(error).__name__}: {error}\n{json.dumps(case.event)}"
