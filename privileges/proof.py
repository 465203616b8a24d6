"""The proof: a stage of its own, everything that its functions do, and the verdict on both.

One small model stands for all: each has the same roles, but for its name.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from chaos.laboratory import MODEL
from iam.policies import Policies
from iam.recording import Recorder, Recording, from_lines
from local.assembly import Stack
from local.cloud import Cloud
from local.names import deployed
from local.port import Port
from local.stage import Stage
from privileges.batch_runs import watch_batch_runs
from privileges.gate_run import gate_of, run_gate
from privileges.local_requests import ask_everything
from privileges.plain_text import administrators_grants
from privileges.services import deeds
from privileges.translation import Translation
from privileges.verdict import Verdict, judge
from tests import graphs

GOLDEN = {"instances": [[1, 2], [3, 4]], "predictions": [{"total": 3.0}, {"total": 7.0}]}
ROWS = b"X_0,X_1\n1,2\n3,4\n"
# What chaos runs is that function of the local cloud.
SCORE = f"model-{MODEL}-score"


class Proof:
    """`policies` and `recording`: what is allowed, and what was done."""

    def __init__(self, stacks: Sequence[Stack]) -> None:
        self.stage = Stage(stacks, deployed)
        self.policies = self.stage.policies()
        self.recording = Recording()
        for deed in deeds(self.stage):
            self.recording.add(deed.access, deed.document)

    def add(self, recording: Recording, translation: Translation) -> None:
        for access in recording:
            for operation, count in recording.operations(access).items():
                self.recording.add(translation.of(access), operation, count)

    def verdict(self) -> Verdict:
        return self.judge(self.policies)

    def judge(self, policies: Policies) -> Verdict:
        """Other policies by the same deeds."""
        return judge(policies, self.recording, [*administrators_grants(self.stage)])


def prove() -> Proof:
    """Takes a while. Raises ScenarioError where something to be watched did not happen."""
    done = Recording()
    # Before the cloud, whose pollers would be caught in chaos's time.
    watch_batch_runs(Recorder(done, SCORE))
    with TemporaryDirectory() as directory:
        scratch = Path(directory)
        _save_model(scratch / "models")
        calls, free = scratch / "calls", Port(0, "PORT")
        with Cloud(scratch / "models", api_port=free, aws_port=free, calls=calls) as cloud:
            proof = Proof(cloud.stage.stacks)
            gate = cloud.stage.template.ref(gate_of(cloud.stage))
            run_gate(cloud, proof.stage, Recorder(done, gate))
            ask_everything(cloud, rows=ROWS)
        translation = Translation(cloud.stage, proof.stage)
        proof.add(done, translation)
        proof.add(from_lines(calls.read_text().splitlines()), translation)
    return proof


def _save_model(models: Path) -> None:
    version = graphs.save(graphs.total(), models / MODEL / "1")
    (version / "golden.json").write_text(json.dumps(GOLDEN))
