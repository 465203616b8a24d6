"""AWS's own checklist for solutions finds nothing but what is argued here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from cdk.app import ALWAYS, add_stacks

# A score function reads every file of its model, whatever it is called, and writes beside it: the
# names of objects are the users' to choose, and so a pattern is the least that will do. The pattern
# ends at the model's folder. A bucket policy that names the role would say the same, unseen by the
# check, and be no narrower.
ARGUED = {
    f"AwsSolutions-IAM5[Resource::{bucket}/{folder}{model}/*]"
    for model in ("churn", "housing")
    for bucket, folder in [
        ("Inbox", ""),
        ("Results", ""),
        ("Results", ".parts/"),
        ("Results", ".faults/"),
    ]
}


def test_wildcards_in_the_names_of_objects_are_all_that_is_found(
    models_directory: Path, context_with: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    context = {**ALWAYS, **context_with(default_model="housing")}
    app = App(context=context, outdir=str(tmp_path), analytics_reporting=False)
    add_stacks(app, models_directory)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    found = findings(app, tmp_path)

    assert {short(finding) for finding in found} == ARGUED


def findings(app: App, output: Path) -> set[str]:
    with pytest.raises(RuntimeError, match="ValidationFailed: "):
        app.synth()
    report = json.loads((output / "validation-report.json").read_bytes())
    return {
        violation["ruleName"]
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
    }


def short(finding: str) -> str:
    """Without the names that CDK gives to exports."""
    rule, _, resource = finding.partition("::")
    exported, _, objects = resource.partition("/")
    bucket = "Inbox" if "Inbox" in exported else "Results"
    return f"{rule}::{bucket}/{objects}"
