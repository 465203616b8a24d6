"""A model that the template deploys, and the golden rows that prove it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.function import Function
from local.route import Route, select
from serving.golden import read_golden

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DeployedModel:
    name: str
    version: str
    directory: Path

    @classmethod
    def of(cls, function: Function) -> DeployedModel | None:
        """The model behind a function; None for functions that serve none, as the catalog."""
        variables = function.configuration.variables
        if "MODEL_DIR" not in variables:
            return None
        return cls(
            variables["MODEL_NAME"], variables["MODEL_VERSION"], Path(variables["MODEL_DIR"])
        )

    def golden_rows(self) -> list[tuple[Row, Row]]:
        """Example instances and the predictions they must get; empty where the version has none."""
        golden = read_golden(self.directory)
        return [] if golden is None else list(zip(*golden, strict=True))


def deployed_models(functions: Iterable[Function]) -> list[DeployedModel]:
    found = {model for function in functions if (model := DeployedModel.of(function))}
    return sorted(found, key=lambda model: model.name)


def default_model(routes: list[Route]) -> DeployedModel | None:
    """The model that `POST /predict` reaches."""
    selected = select(routes, "POST", "/predict")
    return selected and DeployedModel.of(selected[0].function)
