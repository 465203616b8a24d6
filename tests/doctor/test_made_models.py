"""Of models made too big, too slow and too hungry the doctor says so, and what it says is so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from doctor import http_request
from doctor.batch import measure_batch
from doctor.costs import Costs
from doctor.diagnosis import Diagnosis, diagnose, measure
from doctor.finding import Grade
from doctor.prices import Prices
from doctor.sample import Sample
from doctor.series import Series
from doctor.stage import Functions, Stage, deployed
from doctor.starts import Effort
from doctor.work import Pace
from local.environment import Configuration, Environment
from local.errors import FunctionCrashedError, FunctionTimedOutError
from tests.doctor import made

HASTY = Effort(starts=1, run_cpu_s=0.6)
# While tests run side by side, this machine is faster than it seems.
CAREFUL = Pace(cpu_factor=1.5)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    models = made.save_all(tmp_path_factory.mktemp("made"))
    with deployed(models, made.context()) as stage:
        yield stage


@pytest.fixture(scope="module")
def functions(stage: Stage) -> Mapping[str, Functions]:
    return {functions.model.name: functions for functions in stage.models}


@pytest.fixture(scope="module")
def diagnoses(stage: Stage, functions: Mapping[str, Functions]) -> Mapping[str, Diagnosis]:
    costs = Costs(stage.settings, Prices(), CAREFUL)
    return {name: diagnose(measure(own, stage, HASTY), costs) for name, own in functions.items()}


def sentences(diagnosis: Diagnosis, grade: Grade) -> dict[str, str]:
    return {f.what: f.sentence for f in diagnosis.findings if f.grade is grade}


def broken(diagnosis: Diagnosis) -> dict[str, str]:
    return sentences(diagnosis, Grade.BREAKS)


def advice(sentence: str, pattern: str) -> int:
    """The number that a sentence advises."""
    found = re.search(pattern, sentence)
    assert found is not None, sentence
    return int(found[1].replace(",", ""))


def limited(configuration: Configuration, memory_mib: int) -> Configuration:
    """The same function, which gets no more memory than this."""
    variables = {"LIMIT_MIB": str(memory_mib), "LIMITED": configuration.handler.rpartition(".")[0]}
    return replace(
        configuration,
        handler="tests.doctor.limited.handler",
        variables={**configuration.variables, **variables},
        timeout_s=60.0,
    )


def status(functions: Functions, configuration: Configuration, rows: int) -> int:
    """Of a request of so many rows to a fresh environment."""
    body = Sample.of(functions.model).csv(rows)
    environment = Environment(configuration)
    try:
        environment.wait_until_idle()
        answer = environment.invoke(http_request.of_rows(functions.model.name, body))
    finally:
        environment.close()
    code: int = json.loads(answer)["statusCode"]
    return code


def test_each_breaks_where_it_was_made_to(diagnoses: Mapping[str, Diagnosis]) -> None:
    assert {name: sorted(broken(diagnosis)) for name, diagnosis in diagnoses.items()} == {
        "big": ["predict memory", "score memory"],
        "fickle": ["golden"],
        "hungry": ["predict memory", "score memory"],
        "slow": ["score block"],
        "unreadable": ["predict", "score"],
    }


@pytest.mark.parametrize("model", ["fickle", "unreadable"])
def test_what_could_not_be_measured_has_neither_a_price_nor_a_memory_to_choose(
    model: str, diagnoses: Mapping[str, Diagnosis]
) -> None:
    unmeasured = diagnoses[model]

    assert [*unmeasured.bills] == ["a month, idle", "a month, in use"]
    assert unmeasured.choices == {}
    assert all("nothing was measured: " in sentence for sentence in broken(unmeasured).values())


def test_a_memory_is_advised_for_what_is_slow_in_the_largest_request_alone(
    diagnoses: Mapping[str, Diagnosis],
) -> None:
    marks = [mark for choice in diagnoses["slow"].choices["predict"] for mark in choice.marks]

    assert "advised" in marks


def test_what_is_too_big_to_start_does_not_start_until_it_has_the_advised_memory(
    diagnoses: Mapping[str, Diagnosis], functions: Mapping[str, Functions]
) -> None:
    sentence = broken(diagnoses["big"])["predict memory"]
    advised_mib = advice(sentence, r"raise predict_memory_mib to (\d+)")
    predict = functions["big"].predict

    with pytest.raises(FunctionCrashedError):
        status(functions["big"], limited(predict, predict.memory_mib), rows=1)

    assert sentence.startswith("its start peaks at ")
    assert status(functions["big"], limited(predict, advised_mib), rows=1) == 200


def test_the_largest_request_to_what_is_hungry_is_answered_in_the_advised_memory_alone(
    diagnoses: Mapping[str, Diagnosis], functions: Mapping[str, Functions]
) -> None:
    sentence = broken(diagnoses["hungry"])["predict memory"]
    advised_mib = advice(sentence, r"raise predict_memory_mib to (\d+)")
    predict = functions["hungry"].predict

    with pytest.raises(FunctionCrashedError):
        status(functions["hungry"], limited(predict, predict.memory_mib), rows=2)

    assert sentence.startswith("a request of 2 rows")
    assert status(functions["hungry"], limited(predict, advised_mib), rows=2) == 200


def test_a_file_for_what_is_hungry_is_scored_in_the_advised_memory_alone(
    diagnoses: Mapping[str, Diagnosis], functions: Mapping[str, Functions], stage: Stage
) -> None:
    sentence = broken(diagnoses["hungry"])["score memory"]
    advised_mib = advice(sentence, r"raise score_memory_mib to (\d+)")

    def scored(memory_mib: int) -> Series:
        own = functions["hungry"]
        score, sample = limited(own.score, memory_mib), Sample.of(own.model)
        return measure_batch(own.model, score, sample, stage.data_plane, Effort(1, 3.0)).files

    too_little, enough = scored(512), scored(advised_mib)

    assert too_little.failure is not None
    assert enough.failure is None
    assert enough.last.rows > 1


def test_the_largest_request_to_what_is_slow_is_killed_and_the_advised_one_answered(
    diagnoses: Mapping[str, Diagnosis], functions: Mapping[str, Functions]
) -> None:
    sentence = sentences(diagnoses["slow"], Grade.WARNS)["predict request"]
    advised_rows = advice(sentence, r"tell callers: at most ([\d,]+) rows a request")
    slow = functions["slow"]

    with pytest.raises(FunctionTimedOutError):
        status(slow, slow.predict, rows=1953)

    assert sentence.startswith("a request of 1,953 rows, reckoned from fewer, takes ")
    assert status(slow, slow.predict, rows=advised_rows) == 200
