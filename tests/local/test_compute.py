"""Event sources come to be as Lambda makes them, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local.assembly import Stack
from local.compute import event_sources
from local.data_plane import DataPlane
from local.environment import Configuration
from local.errors import AssemblyError
from local.function import Function
from local.identities import Identities
from local.storage import create_storage
from local.template import Template

VISIBILITY_S = 60


def template(data_plane: DataPlane, unique: str) -> Template:
    """A function behind a queue that hides its messages for a minute."""
    resources: dict[str, Any] = {
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"VisibilityTimeout": VISIBILITY_S},
            "Metadata": {"aws:cdk:path": f"stack/{unique}/Resource"},
        },
        "Score": {"Type": "AWS::Lambda::Function"},
        "Messages": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "FunctionName": {"Ref": "Score"},
                "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
            },
        },
    }
    identities = Identities(endpoint=data_plane.endpoint, api_url="http://127.0.0.1:8080")
    read = Template([Stack("stack", {"Resources": resources}, {})], identities.identify)
    create_storage(read, data_plane)
    return read


@pytest.mark.parametrize(
    ("timeout_s", "is_made"), [(VISIBILITY_S, True), (VISIBILITY_S + 1, False)]
)
def test_a_queue_must_hide_messages_for_as_long_as_its_function_may_run(
    data_plane: DataPlane, unique: str, tmp_path: Path, timeout_s: int, *, is_made: bool
) -> None:
    configuration = Configuration(
        name="stack-score", handler="x.y", directory=tmp_path, timeout_s=timeout_s
    )
    sources = event_sources(
        template(data_plane, unique), {"arn": Function(configuration)}, data_plane
    )

    if is_made:
        assert len([*sources]) == 1
    else:
        with pytest.raises(
            AssemblyError, match="for at least 61 s, as long as stack-score may run"
        ):
            next(sources)


def test_a_function_that_may_not_look_at_its_queue_gets_no_messages(
    data_plane: DataPlane, unique: str, tmp_path: Path
) -> None:
    configuration = Configuration(name="stack-score", handler="x.y", directory=tmp_path)
    read = template(data_plane, unique)
    data_plane.sqs().delete_queue(QueueUrl=read.ref(read.of_type("AWS::SQS::Queue")[0]))

    with pytest.raises(AssemblyError, match="stack-score cannot look at its queue"):
        next(event_sources(read, {"arn": Function(configuration)}, data_plane))
