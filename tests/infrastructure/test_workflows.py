"""What the workflows promise, beside what actionlint and zizmor see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from cdk.app import ROOT
from cdk.deploy_role import SESSION_HOURS

Json = dict[Any, Any]

TEXTS = {path.stem: path.read_text() for path in (ROOT / ".github" / "workflows").glob("*.yml")}
WORKFLOWS: dict[str, Json] = {name: yaml.safe_load(text) for name, text in TEXTS.items()}
# YAML takes the key `on` for a truth.
ON = True

USES = re.compile(r"uses: (\S+)(?: # (\S+))?$", re.MULTILINE)
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40}")
VERSION = re.compile(r"v\d+\.\d+\.\d+")
TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)


def jobs() -> Iterator[tuple[str, Json]]:
    for name, workflow in WORKFLOWS.items():
        for job, body in workflow["jobs"].items():
            yield f"{name}/{job}", body


def steps() -> Iterator[tuple[str, Json]]:
    for name, job in jobs():
        for step in job.get("steps", []):
            yield name, step


def stage_job() -> Json:
    job: Json = WORKFLOWS["stage"]["jobs"]["deploy"]
    return job


def used() -> list[tuple[str, str]]:
    """What others have written, and the version that a comment gives it."""
    found = [pair for text in TEXTS.values() for pair in USES.findall(text)]
    return [(action, version) for action, version in found if not action.startswith("./")]


def commands() -> list[str]:
    return [step["run"] for _, step in steps() if "run" in step]


def test_every_action_is_the_commit_that_was_looked_at() -> None:
    for action, version in used():
        assert PINNED.fullmatch(action)
        assert VERSION.fullmatch(version)


def test_an_action_is_the_same_one_everywhere() -> None:
    pins = {*used()}

    assert len(pins) == len({action.partition("@")[0] for action, _ in pins})


def test_a_token_reads_the_repository_and_little_else() -> None:
    writing = {
        name: {right for right, level in job.get("permissions", {}).items() if level == "write"}
        for name, job in jobs()
    }

    assert {str(workflow["permissions"]) for workflow in WORKFLOWS.values()} == {
        "{'contents': 'read'}"
    }
    assert {name: rights for name, rights in writing.items() if rights} == {
        "deploy/dev": {"id-token"},
        "deploy/prod": {"id-token"},
        "deploy/rollback": {"id-token"},
        "stage/deploy": {"id-token"},
        "train/propose": {"contents", "pull-requests"},
    }


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_key_is_stored(name: str) -> None:
    assert "secrets." not in TEXTS[name]
    assert "access-key" not in TEXTS[name]


def test_a_checkout_leaves_no_credentials_behind() -> None:
    checkouts = [step for _, step in steps() if "actions/checkout" in step.get("uses", "")]

    assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * len(checkouts)
    assert checkouts


def test_what_somebody_types_is_never_part_of_a_command() -> None:
    assert [command for command in commands() if "${{" in command] == []


def test_every_command_of_make_is_there() -> None:
    targets = {*TARGET.findall((ROOT / "Makefile").read_text())}

    called = {name for text in commands() for name in re.findall(r"^make ([a-z-]+)", text, re.M)}
    assert called - targets == set()
    assert {"lint", "test", "demo", "images", "audit", "deploy", "smoke"} <= called


def test_main_is_checked_before_dev_and_dev_is_asked_before_prod() -> None:
    deploy = WORKFLOWS["deploy"]

    chain = {job: (body.get("needs"), body["uses"]) for job, body in deploy["jobs"].items()}
    assert deploy[ON]["push"] == {"branches": ["main"]}
    assert chain == {
        "ci": (None, "./.github/workflows/ci.yml"),
        "dev": ("ci", "./.github/workflows/stage.yml"),
        "prod": ("dev", "./.github/workflows/stage.yml"),
        "rollback": (None, "./.github/workflows/stage.yml"),
    }


def test_only_stages_that_there_are_go_anywhere(committed_context: Json) -> None:
    deploy = WORKFLOWS["deploy"]

    stages = [deploy["jobs"][job]["with"]["stage"] for job in ("dev", "prod")]
    assert stages == deploy[ON]["workflow_dispatch"]["inputs"]["stage"]["options"]
    assert {*stages} <= committed_context["stages"].keys()


def test_a_stage_is_deployed_in_its_environment_from_main_and_then_asked() -> None:
    job = stage_job()

    run = [step["run"] for step in job["steps"] if "run" in step]
    assert job["environment"] == "${{ inputs.stage }}"
    assert run == [
        "git merge-base --is-ancestor HEAD origin/main",
        "make .tools/cdk",
        "make models",
        "make deploy",
        "make smoke",
    ]


def test_what_npm_brings_comes_before_the_credentials_and_runs_nothing_by_itself() -> None:
    order = [step.get("run") or step["uses"].partition("@")[0] for step in stage_job()["steps"]]
    installing = re.findall(r"npm install .*", (ROOT / "Makefile").read_text())

    assert order.index("make .tools/cdk") < order.index("aws-actions/configure-aws-credentials")
    assert [line for line in installing if "--ignore-scripts" not in line] == []
    assert installing


def test_credentials_last_as_long_as_the_job_may() -> None:
    [credentials] = [
        step for step in stage_job()["steps"] if "configure-aws-credentials" in step.get("uses", "")
    ]

    session_s = credentials["with"]["role-duration-seconds"]
    assert session_s == 60 * stage_job()["timeout-minutes"] == 3_600 * SESSION_HOURS


def test_no_deployment_is_broken_off_and_no_two_meet() -> None:
    assert WORKFLOWS["stage"]["concurrency"] == {
        "group": "deploy-${{ inputs.stage }}",
        "cancel-in-progress": False,
    }


def test_every_job_ends() -> None:
    endless = [name for name, job in jobs() if "steps" in job and "timeout-minutes" not in job]

    assert endless == []
