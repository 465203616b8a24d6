"""Whether a version predicts its golden rows: of one that does not, no image can be made."""

from __future__ import annotations

from cdk.deployed_model import DeployedModel
from doctor.finding import Finding, Grade
from serving.deployment import Deployment
from serving.errors import ConfigurationError
from serving.golden import FILE_NAME, require_golden
from serving.model import Model

WHAT = "golden"


def golden_finding(model: DeployedModel) -> Finding:
    if not (model.directory / FILE_NAME).is_file():
        sentence = f"there is no {FILE_NAME}, and a row was made up: `make golden` keeps real ones"
        return Finding(Grade.WARNS, WHAT, sentence)
    try:
        _require(model)
    except ConfigurationError as error:
        sentence = f"no image can be made, and nothing was measured: {error}"
        return Finding(Grade.BREAKS, WHAT, sentence)
    return Finding(Grade.FINE, WHAT, "its golden rows get the predictions that they must")


def _require(model: DeployedModel) -> None:
    """As an image does that is being made."""
    loaded = Model.load(Deployment(model.directory, model.name, model.version))
    require_golden(loaded, model.directory)
