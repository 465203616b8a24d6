"""The examination of a stage: its models one after the other, then the stage as a whole."""

from __future__ import annotations

import platform

from doctor.costs import Costs, Standing
from doctor.diagnosis import diagnose, measure
from doctor.errors import SelectionError
from doctor.report import Report
from doctor.stage import Functions, Stage
from doctor.stage_verdict import stage_findings
from doctor.starts import Effort
from images.check import LIMITS_MB, MB
from terminal.output import sum_up


def examine(stage: Stage, costs: Costs, effort: Effort, *, only: str | None = None) -> Report:
    """Raises SelectionError where `only` names no model."""
    diagnoses = []
    for functions in _selected(stage, only):
        sum_up(f"{functions.model.name}: measuring")
        diagnoses.append(diagnose(measure(functions, stage, effort), costs))
    alarm_metrics, dashboards = stage.watching
    shared = Standing(0, alarm_metrics, dashboards, LIMITS_MB["catalog"] * MB)
    return Report(
        costs,
        tuple(stage_findings(stage.settings, len(stage.models), machine=platform.machine())),
        costs.month(shared),
        tuple(diagnoses),
    )


def _selected(stage: Stage, only: str | None) -> list[Functions]:
    models = [functions for functions in stage.models if only in {None, functions.model.name}]
    if not models:
        there = ", ".join(functions.model.name for functions in stage.models)
        raise SelectionError(f"model: expected one of {there}, got {only!r}")
    return models
