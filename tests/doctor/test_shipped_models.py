"""Nothing breaks where the models of this repository are deployed to its stages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cdk.settings import StageSettings
from doctor.costs import Costs
from doctor.diagnosis import Measured, diagnose, measure
from doctor.finding import Finding, Grade
from doctor.prices import Prices
from doctor.stage import context_of, deployed
from doctor.starts import Effort
from doctor.work import Pace
from local.assembly import ROOT

HASTY = Effort(starts=1, run_cpu_s=0.5)


@pytest.fixture(scope="module")
def measured() -> Iterator[list[Measured]]:
    with deployed(ROOT / "models", context_of("prod")) as stage:
        yield [measure(functions, stage, HASTY) for functions in stage.models]


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_no_shipped_model_breaks_in_a_shipped_stage(stage: str, measured: list[Measured]) -> None:
    settings = StageSettings.from_context(context_of(stage))
    diagnoses = [diagnose(each, Costs(settings, Prices(), Pace())) for each in measured]

    assert [diagnosis.model for diagnosis in diagnoses] == ["digits", "housing", "sentiment"]
    assert {diagnosis.model: broken(diagnosis.findings) for diagnosis in diagnoses} == {
        "digits": [],
        "housing": [],
        "sentiment": [],
    }


def broken(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.grade is Grade.BREAKS]
