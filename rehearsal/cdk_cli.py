"""The CDK command line as `make deploy` runs it, but for whom it talks to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from cdk.bootstrap_template import narrow
from iam.account import ACCOUNT_ID, REGION
from local.assembly import ROOT
from rehearsal.aws import Aws
from rehearsal.docker import BASE_IMAGE
from rehearsal.errors import CommandError

PROGRAM = ROOT / ".tools" / "cdk" / "node_modules" / ".bin" / "cdk"
COMPLAINT_LINES = 20


class CdkCli:
    """Every command raises CommandError where it fails."""

    def __init__(self, aws: Aws, *, directory: Path, models: Path, base_image: str) -> None:
        """`directory` holds cdk.json; what is made goes there too."""
        docker = directory / "docker"
        docker.write_text(f'#!/bin/sh\nexec {sys.executable} -m rehearsal.docker "$@"\n')
        docker.chmod(0o755)
        self._directory = directory
        self.output = directory / "cdk.out"
        self._variables = {
            **os.environ,
            **aws.variables,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'layers/serving/python'}",
            "MODELS_DIR": str(models),
            "CDK_DOCKER": str(docker),
            BASE_IMAGE: base_image,
        }

    def bootstrap(self) -> None:
        """As `make deployer` does it."""
        template = self._directory / "bootstrap.json"
        shown = self._run("bootstrap", "--show-template", "--json")
        template.write_text(json.dumps(narrow(json.loads(shown))))
        self._run("bootstrap", f"aws://{ACCOUNT_ID}/{REGION}", "--template", template)

    def deploy(self) -> None:
        # moto's change sets do not export what other stacks import, and it forgets the parameters
        # that a stack was made with.
        how = ("--method=direct", "--no-previous-parameters")
        self._run("deploy", "--all", "--require-approval=never", *how)

    def destroy(self) -> None:
        self._run("destroy", "--all", "--force")

    def _run(self, *arguments: str | Path) -> str:
        process = subprocess.run(
            [PROGRAM, *arguments, "--output", self.output, "--no-notices"],
            cwd=self._directory,
            env=self._variables,
            capture_output=True,
            text=True,
            check=False,
        )
        if process.returncode:
            said = (process.stdout + process.stderr).strip().splitlines()[-COMPLAINT_LINES:]
            raise CommandError(f"cdk {arguments[0]}:\n" + "\n".join(said))
        return process.stdout
