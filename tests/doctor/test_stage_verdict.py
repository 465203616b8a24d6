"""What a stage's settings come to, before anything has run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cdk.deployed_model import deployed_models
from doctor.finding import Finding, Grade
from doctor.stage import Functions, Watching
from doctor.stage_verdict import model_findings, stage_findings
from local.environment import Configuration
from tests import graphs
from tests.doctor.measurements import settings

BREAKS, WARNS, FINE = Grade.BREAKS, Grade.WARNS, Grade.FINE


def findings(models: int, **changes: object) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in stage_findings(settings(**changes), models, machine="x86_64"):
        found.setdefault(finding.what, []).append(finding)
    return found


def test_settings_within_every_default_quota_are_fine() -> None:
    found = findings(3, score_memory_mib=3008)

    assert {finding.grade for group in found.values() for finding in group} == {FINE}


def test_more_memory_than_a_new_account_has_is_warned_of() -> None:
    assert findings(1, score_memory_mib=3538)["memory quota"] == [
        Finding(FINE, "memory quota", "predict_memory_mib is 1,769, of 3,008 in new accounts"),
        Finding(
            WARNS,
            "memory quota",
            "score_memory_mib is 3,538, of 3,008 in new accounts: where the deployment is refused, "
            "ask AWS for more, or lower it",
        ),
    ]


def test_time_that_was_measured_on_another_processor_is_warned_of() -> None:
    sentence = "functions run on arm64, and CPU time was measured on x86_64"

    assert findings(1, processor="arm64")["processor"] == [
        Finding(
            WARNS,
            "processor",
            f"{sentence}: measure on the former, or say by CPU_FACTOR how they differ",
        )
    ]


def test_time_that_was_measured_on_the_same_processor_is_fine() -> None:
    on_arm = [*stage_findings(settings(processor="arm64"), 1, machine="aarch64")]

    assert (
        Finding(FINE, "processor", "functions run on arm64, and CPU time was measured on aarch64")
        in on_arm
    )


def test_an_answer_that_may_come_after_the_gateway_has_gone_is_warned_of() -> None:
    assert findings(1, predict_timeout_s=30)["predict timeout"][0].grade is WARNS


def test_more_set_aside_than_an_account_has_breaks() -> None:
    changes = {"predict_provisioned_concurrency": 100, "score_reserved_concurrency": 100}

    assert findings(4, **changes)["concurrency"][0].grade is FINE
    assert findings(5, **changes)["concurrency"] == [
        Finding(
            BREAKS,
            "concurrency",
            "5 model(s) set 1,000 aside, and score up to 10 files at once, of the 1,000 that an "
            "account has at first: 100 must stay free; set less aside, or ask for more",
        )
    ]


def test_more_files_at_once_than_an_account_runs_is_warned_of() -> None:
    assert findings(10, score_maximum_concurrency=100)["concurrency"][0].grade is WARNS


@pytest.fixture
def adder(tmp_path: Path) -> Functions:
    """A model of four threads, without golden rows."""
    graphs.save(graphs.total(), tmp_path / "adder" / "1", card="live = 1\nthreads = 4\n")
    [model] = deployed_models(tmp_path)
    nothing = Configuration(handler="", directory=tmp_path)
    return Functions(model, nothing, nothing, 5000, Watching(0, 0))


def test_a_model_is_judged_by_its_size_its_variables_and_its_threads(
    adder: Functions,
) -> None:
    assert [*model_findings(settings(), adder)] == [
        Finding(FINE, "image", "above its base it has up to 190 MB of 10,737"),
        Finding(BREAKS, "variables", "its variables take 5,000 bytes of 4,096"),
        Finding(
            WARNS,
            "predict threads",
            "4 thread(s) a run, on 1.00 vCPU: lower threads in the card, or raise "
            "predict_memory_mib to 7076",
        ),
        Finding(
            WARNS,
            "score threads",
            "4 thread(s) a run, on 2.00 vCPU: lower threads in the card, or raise "
            "score_memory_mib to 7076",
        ),
    ]


def test_more_threads_than_any_memory_has_processors_for_are_too_many(tmp_path: Path) -> None:
    graphs.save(graphs.total(), tmp_path / "adder" / "1", card="live = 1\nthreads = 8\n")
    [model] = deployed_models(tmp_path)
    nothing = Configuration(handler="", directory=tmp_path)

    found = [*model_findings(settings(), Functions(model, nothing, nothing, 0, Watching(0, 0)))]

    assert found[2:] == [
        Finding(
            WARNS, "predict threads", "8 thread(s) a run, on 1.00 vCPU: lower threads in the card"
        ),
        Finding(
            WARNS, "score threads", "8 thread(s) a run, on 2.00 vCPU: lower threads in the card"
        ),
    ]


@pytest.mark.parametrize(("size_gib", "grade"), [(9.5, WARNS), (9.9, BREAKS)])
def test_an_image_is_judged_with_what_its_packages_may_take(
    adder: Functions, size_gib: float, grade: Grade
) -> None:
    weights = adder.model.directory / "weights.bin"
    weights.touch()
    os.truncate(weights, int(size_gib * 1024**3))

    image, *_ = model_findings(settings(), adder)

    assert (image.what, image.grade) == ("image", grade)
