"""`make contract`: a local cloud, and schemathesis against its OpenAPI document.

Over the repository's models and some with every kind of feature, or over MODELS_DIR. A model that
fails on rows which its card allows is found too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from onnx import TensorProto

from local.assembly import ROOT
from local.cloud import Cloud
from local.port import Port
from tests import graphs

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
EXAMPLES = 100
CARD = """
live = 1
[features]
size = {{ kind = "number", tensor = "area", missing = "nan", minimum = 0, maximum = 900 }}
rooms = {{ kind = "number" {rooms} }}
kind = {{ kind = "category", categories = ["flat", "house"], missing = "fill", fill = "flat" }}
"""
OPTIONAL = ', missing = "fill", fill = 3'


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
    with tempfile.TemporaryDirectory() as directory:
        models = os.environ.get("MODELS_DIR") or write_models(Path(directory) / "models")
        return _check(Path(models))


def write_models(directory: Path) -> Path:
    """The repository's models; features that any row may leave out, or all but one; and tensors
    that come without rows."""
    shutil.copytree(ROOT / "models", directory)
    graphs.save(graphs.sale(), directory / "all-optional" / "1", card=CARD.format(rooms=OPTIONAL))
    graphs.save(graphs.sale(), directory / "one-required" / "1", card=CARD.format(rooms=""))
    graphs.save(graphs.sale(), directory / "no-card" / "1")
    graphs.save(graphs.identity(TensorProto.FLOAT, [2]), directory / "rowless" / "1")
    return directory


def _check(models: Path) -> int:
    free = Port(0, "PORT")
    with Cloud(models, api_port=free, aws_port=free) as cloud:
        return check_contract(cloud.api_url, f"--max-examples={EXAMPLES}", *sys.argv[1:]).returncode


if __name__ == "__main__":
    sys.exit(main())
