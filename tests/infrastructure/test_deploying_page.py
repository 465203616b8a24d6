"""docs/deploying.md says of settings and templates what they are."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdk.app import synthesize
from cdk.settings import StageSettings
from serving.errors import ConfigurationError
from tests.infrastructure.assembly import PREFIX, Assembly
from tests.infrastructure.test_settings import CERTIFICATE, DEV, HOST, ISSUED, context_of

PAGE = (Path(__file__).parents[2] / "docs" / "deploying.md").read_text()
Json = dict[str, Any]
# What a setting takes that the page names rather than spells out.
NAMED: dict[str, Json] = {
    "jwt": {"auth": "jwt", "jwt": ISSUED},
    "cors_origins": {"cors_origins": ["https://app.example.com"]},
    "domain": {"domain": HOST},
    "default_model": {"default_model": "housing"},
    "inbox_bucket": {"inbox_bucket": "files-of-ours"},
    "score_reserved_concurrency": {"score_reserved_concurrency": DEV["score_maximum_concurrency"]},
}
TYPES = {
    "bucket": "AWS::S3::Bucket",
    "queue": "AWS::SQS::Queue",
    "topic": "AWS::SNS::Topic",
    "function": "AWS::Lambda::Function",
    "alias": "AWS::Lambda::Alias",
    "alarm": "AWS::CloudWatch::Alarm",
    "dashboard": "AWS::CloudWatch::Dashboard",
    "role": "AWS::IAM::Role",
    "log group": "AWS::Logs::LogGroup",
    "HTTP API": "AWS::ApiGatewayV2::Api",
}


def table_under(header: str) -> list[list[str]]:
    """The cells of a table's rows, without what marks code."""
    [rows] = re.findall(rf"^\| {header} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows.splitlines()]


SETTINGS = {name.strip("`"): (takes, without) for name, takes, without, _ in table_under("Setting")}


def is_accepted(settings: Json) -> bool:
    try:
        StageSettings.from_context(context_of(**settings))
    except ConfigurationError:
        return False
    return True


def test_the_table_has_each_setting_and_no_other() -> None:
    with pytest.raises(ConfigurationError) as refused:
        StageSettings.from_context(context_of(unheard_of=1))

    [known] = re.findall(r"expected only (.*), got an unknown key", str(refused.value))
    assert set(known.split(", ")) == set(SETTINGS)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_takes_what_the_table_says_and_nothing_beside_it(name: str) -> None:
    takes, _ = SETTINGS[name]

    accepted, refused = taken_and_refused(name, takes.replace(",", ""))

    assert [settings for settings in accepted if not is_accepted(settings)] == []
    assert [settings for settings in refused if is_accepted(settings)] == []


def taken_and_refused(name: str, takes: str) -> tuple[list[Json], list[Json]]:
    if name in NAMED:
        return [NAMED[name]], [{name: 1}]
    if choices := re.findall(r'`"([\w-]+)"`', takes):
        return [with_choice(name, choice) for choice in choices], [{name: "another"}]
    numbers = [int(number) for number in re.findall(r"\d+", takes)]
    beside = [numbers[0] - 1] if "or more" in takes else [numbers[0] - 1, numbers[-1] + 1]
    return [{name: number} for number in numbers], [{name: number} for number in beside]


def with_choice(name: str, choice: str) -> Json:
    return NAMED["jwt"] if choice == "jwt" else {name: choice}


@pytest.mark.parametrize("name", SETTINGS)
def test_without_a_setting_a_stage_is_as_the_table_says(name: str) -> None:
    _, without = SETTINGS[name]
    rest = {key: value for key, value in DEV.items() if key != name}
    context = {"stage": "dev", "stages": {"dev": rest}}

    if without == "refused":
        with pytest.raises(ConfigurationError, match=name):
            StageSettings.from_context(context)
    else:
        chosen = getattr(StageSettings.from_context(context), name)
        assert ([chosen] if chosen else []) == re.findall(r'^`"(.*)"`$', without)


def test_the_settings_that_are_shown_are_accepted() -> None:
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    shown = [block for block in blocks if "Statement" not in block]

    assert [settings for settings in shown if not is_accepted(settings)] == []
    assert [sorted(settings) for settings in shown] == [
        ["auth", "jwt"],
        ["auth", "cors_origins", "jwt"],
        ["domain"],
    ]


def test_each_stack_has_what_the_table_says(assembly: Assembly) -> None:
    """Of two models."""
    for name, has in table_under("Stack"):
        stack = name.strip("`").replace("<stage>", "dev").replace("<model>", "housing")
        kinds = Counter(r["Type"] for r in assembly.templates[stack]["Resources"].values())

        told = {kind: int(n) * (2 if per else 1) for per, n, kind in counted(has)}

        assert {TYPES[kind]: told[kind] for kind in told} == {
            kind: kinds[kind] for kind in TYPES.values() if kinds[kind]
        }


def counted(has: str) -> list[tuple[str, str, str]]:
    """`for each model 2 queues` as ("for each model ", "2", "queue")."""
    one = {"aliases": "alias", **{f"{kind}s": kind for kind in TYPES}}
    items = re.findall(r"(for each model )?(\d+) ([\w ]+)", has)
    return [(per, number, one.get(kind, kind)) for per, number, kind in items]


def test_the_outputs_are_those_of_the_table(
    models_directory: Path, context_with: Callable[..., Json], tmp_path: Path
) -> None:
    context = context_with(default_model="housing", domain=HOST)
    assembly = Assembly(synthesize(models_directory, context, tmp_path / "assembly"))
    made = {
        (stack.removeprefix(PREFIX).partition("-")[0], output)
        for stack, template in assembly.templates.items()
        for output in template["Outputs"]
        if not output.startswith("Exports")
    }

    told = {
        (kind, name.replace("<model>", model))
        for names, kind, _ in table_under("Output")
        for name in re.findall(r"`([^`]+)`", names)
        for model in ("churn", "housing")
    }

    assert {(kind, without_hash(output)) for kind, output in made} == told


def without_hash(output: str) -> str:
    return re.sub(r"(Url|Arn)[0-9A-F]{8}$", r"\1…", output)


def test_what_a_teardown_leaves_is_what_it_says(assembly: Assembly) -> None:
    kept = {
        (resource.type, resource.path.rpartition("/")[2])
        for resource in assembly.resources.values()
        if resource.body.get("DeletionPolicy", "Delete") == "Retain"
    }

    buckets = {name for kind, name in kept if kind == "AWS::S3::Bucket"}
    # A function's versions go with the function.
    assert {kind for kind, _ in kept} == {
        "AWS::S3::Bucket",
        "AWS::Logs::LogGroup",
        "AWS::Lambda::Version",
    }
    assert buckets == {"Inbox", "Results", "AccessLogs"}


def test_a_model_is_removed_in_the_order_in_which_stacks_let_go_of_it(assembly: Assembly) -> None:
    """The API uses models, models use the data stack, and nobody else uses anything."""
    exporters = {
        output["Export"]["Name"]: stack.removeprefix(PREFIX)
        for stack, template in assembly.templates.items()
        for output in template["Outputs"].values()
        if "Export" in output
    }

    used = {
        stack.removeprefix(PREFIX): {exporters[name] for name in imports(template)}
        for stack, template in assembly.templates.items()
    }

    assert used == {
        "data": set(),
        "model-churn": {"data"},
        "model-housing": {"data"},
        "api": {"model-churn", "model-housing"},
    }


def imports(template: Json) -> list[str]:
    return re.findall(r'"Fn::ImportValue": "([^"]+)"', json.dumps(template))


def test_a_host_is_shown_with_a_certificate_of_its_region() -> None:
    assert CERTIFICATE in PAGE
