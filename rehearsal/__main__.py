"""`python -m rehearsal`: from an empty account to a deployment and back, without AWS.

The CDK command line and the images are the real ones; the account is moto's.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from images.base_image import base_image
from images.engine import find_engine
from images.errors import ImagesError
from local.assembly import ROOT
from local.errors import AssemblyError
from rehearsal.aws import Aws
from rehearsal.cdk_cli import CdkCli
from rehearsal.errors import RehearsalError
from rehearsal.play import play
from rehearsal.stage import copy_models, write_settings
from serving.errors import ConfigurationError
from terminal.command import exit_code


def main() -> int:
    """0 where every step ended as it should; 2 otherwise."""
    return exit_code(
        _rehearse,
        errors=(RehearsalError, ImagesError, AssemblyError, ConfigurationError),
        when_stopped="stopped; nothing is left of it",
    )


def _rehearse() -> int:
    with tempfile.TemporaryDirectory() as name, Aws() as aws:
        scratch = Path(name)
        source = Path(os.environ.get("MODELS_DIR") or ROOT / "models")
        models = copy_models(source, scratch / "models")
        write_settings(scratch, models)
        base = base_image(find_engine(), scratch)
        cdk = CdkCli(aws, directory=scratch, models=scratch / "models", base_image=base)
        play(aws, cdk, models[0])
    return 0


if __name__ == "__main__":
    sys.exit(main())
