"""`make contract`: a local cloud, and schemathesis against its OpenAPI document."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from local.assembly import ROOT
from local.cloud import Cloud
from local.port import Port

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
EXAMPLES = 100


def check_contract(
    api_url: str, *options: str, capture_output: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run schemathesis as its configuration says; it fails where it finds a fault."""
    configuration = ROOT / "tests" / "contract" / "schemathesis.toml"
    # It keeps notes where it is started.
    with tempfile.TemporaryDirectory() as directory:
        return subprocess.run(
            [
                SCHEMATHESIS,
                f"--config-file={configuration}",
                "run",
                f"{api_url}/openapi.json",
                "--no-color",
                *options,
            ],
            cwd=directory,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=capture_output,
            text=True,
            check=False,
        )


def main() -> int:
    free = Port(0, "PORT")
    with Cloud(ROOT / "models", api_port=free, aws_port=free) as cloud:
        return check_contract(cloud.api_url, f"--max-examples={EXAMPLES}", *sys.argv[1:]).returncode


if __name__ == "__main__":
    sys.exit(main())
