"""The batch door is watched at every call of its source, or the watch was for nothing."""

from __future__ import annotations

import pytest
from aws_lambda_powertools import Metrics

from chaos.laboratory import MODEL
from iam.recording import Recorder, Recording
from privileges.batch_runs import watch_batch_runs
from privileges.errors import ScenarioError


@pytest.fixture(autouse=True)
def no_metrics_of_others() -> None:
    # Powertools keeps metrics and dimensions for as long as the process lives.
    metrics = Metrics()
    metrics.clear_default_dimensions()
    metrics.clear_metrics()


def test_few_runs_do_not_make_every_call() -> None:
    recording = Recording()

    with pytest.raises(ScenarioError, match=r"never saw .*GetObject S3Join\._read"):
        watch_batch_runs(Recorder(recording, "score"), seeds=range(3))

    written = {a.need.resource for a in recording if a.need.action == "s3:PutObject"}
    assert {access.principal for access in recording} == {"score"}
    assert any(key.startswith(f"arn:aws:s3:::results/{MODEL}/") for key in written)
