"""Measurements as they might be, and the stage that they are judged in."""

from __future__ import annotations

from typing import Any

from cdk.settings import StageSettings
from doctor.batch import Batch
from doctor.costs import Costs
from doctor.online import Online
from doctor.prices import Prices
from doctor.series import Failure, Run, Series
from doctor.watched_environment import Start
from doctor.work import Pace, Work
from tests.doctor import made

MIB = 1024 * 1024


def settings(**changes: object) -> StageSettings:
    """1 vCPU for requests, 2 for files, parts of 64 MiB."""
    stage = {
        "predict_memory_mib": 1769,
        "predict_timeout_s": 20,
        "score_memory_mib": 3538,
        "score_timeout_s": 300,
        "score_split_mib": 128,
        "score_part_mib": 64,
    }
    return StageSettings.from_context(made.context(**{**stage, **changes}))


def costs(**changes: object) -> Costs:
    return Costs(settings(**changes), Prices(), Pace())


def alone(cpu_s: float) -> Work:
    """On one thread."""
    return Work(cpu_s, cpu_s)


def online(**changes: Any) -> Online:  # noqa: ANN401 - whatever an Online holds
    """Ready after a second; a row takes 2 ms, the largest request, of 1,000 rows, 2 s and 100 MiB
    beside 100 at rest."""
    rest = Run(0, alone(0.0), 100.0)
    largest = Run(1000, alone(2.0), 200.0, 50_000, 100_000)
    usual = Online(
        start=Start(alone(1.0), 100.0),
        first=alone(0.01),
        row=Run(1, alone(0.002), 100.0, 1600, 300),
        requests=Series((rest, largest)),
        sample_rows=1,
        most_rows=1000,
        run_rows=1000,
        prepared_mib=0.0,
        temporary_bytes=0,
    )
    return usual._replace(**changes)


def killed(online: Online, *, rows: int, status: int = 0) -> Online:
    """The same, but that so many rows came to nothing."""
    failure = Failure(rows, "expected an answer, got none", status)
    return online._replace(requests=online.requests._replace(failure=failure))


def batch(**changes: Any) -> Batch:  # noqa: ANN401 - likewise
    """Ready after a second; a part of 1,000,000 rows takes 4 s on two threads, and 100 MiB beside
    200 at rest."""
    rest = Run(0, Work(0.0, 0.0), 200.0)
    part = Run(1_000_000, Work(4.0, 2.0), 300.0, 64 * MIB, 80 * MIB)
    usual = Batch(
        start=Start(alone(1.0), 200.0),
        files=Series((rest, part)),
        part_rows=1_000_000,
        block_rows=10_000,
        prepared_rows=1_000_000,
        run_rows=10_000,
        workers=2,
        temporary_bytes=0,
    )
    return usual._replace(**changes)
