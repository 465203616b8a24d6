"""Where the commands look, and what they say where nothing is found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import boto3
import pytest

from cdk.app import PRODUCT
from operations.__main__ import main
from operations.errors import SiteError
from operations.site import Site, find_site
from operations.stage_stack import default_stage, stack_name

if TYPE_CHECKING:
    from tests.operations.conftest import Stage

NOWHERE: dict[str, None] = {"stage": None, "endpoint_url": None, "inbox": None, "results": None}


def named(site: Site) -> tuple[str, str]:
    return site.inbox, site.results


def deploy(stage: str) -> None:
    """A data stack whose buckets are called after its stage."""
    buckets = {
        f"{name}Bucket": {"Value": f"{stage}-{name.lower()}"} for name in ("Inbox", "Results")
    }
    topic = {"Topic": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": stage}}}
    boto3.client("cloudformation").create_stack(
        StackName=f"{PRODUCT}-{stage}-data",
        TemplateBody=json.dumps({"Resources": topic, "Outputs": buckets}),
    )


def test_the_data_stack_is_the_one_that_is_deployed() -> None:
    assert stack_name("data", "dev") == f"{PRODUCT}-dev-data"


def test_the_stage_is_that_of_cdk_json() -> None:
    assert default_stage() == "dev"


@pytest.mark.usefixtures("account")
def test_buckets_are_found_in_the_stacks_outputs() -> None:
    deploy("dev")
    deploy("prod")

    assert named(find_site(**NOWHERE)) == ("dev-inbox", "dev-results")
    assert named(find_site(**{**NOWHERE, "stage": "prod"})) == ("prod-inbox", "prod-results")


@pytest.mark.usefixtures("account")
def test_a_bucket_that_is_named_is_taken_at_its_word() -> None:
    deploy("dev")

    assert named(find_site(**{**NOWHERE, "inbox": "mine"})) == ("mine", "dev-results")


@pytest.mark.usefixtures("account")
def test_with_both_buckets_named_no_stack_is_needed() -> None:
    site = find_site(**{**NOWHERE, "inbox": "mine", "results": "yours"})

    assert named(site) == ("mine", "yours")


@pytest.mark.usefixtures("account")
def test_a_stage_that_is_not_deployed_is_refused() -> None:
    with pytest.raises(
        SiteError, match=r"^expected the stack onnx-lambda-dev-data in this account"
    ):
        find_site(**NOWHERE)


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("variable", [True, False])
def test_the_local_cloud_has_no_stacks_but_names(
    monkeypatch: pytest.MonkeyPatch, *, variable: bool
) -> None:
    endpoint = "http://127.0.0.1:9000"
    if variable:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)

    site = find_site(**{**NOWHERE, "endpoint_url": None if variable else endpoint})

    assert named(site) == ("inbox", "results")
    assert {site.s3.meta.endpoint_url, site.sqs.meta.endpoint_url} == {endpoint}


def test_a_queue_without_dead_letters_is_refused(stage: Stage) -> None:
    url = stage.site.sqs.get_queue_url(QueueName="housing-queue")["QueueUrl"]
    stage.site.sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": ""})

    assert stage.run("dead-letters", "housing") == (
        2,
        "",
        f"{url}: expected a redrive policy, found none; deploy the stage again\n",
    )


@pytest.mark.usefixtures("account")
def test_a_bucket_that_is_not_there_is_said_with_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["verify", "housing/", "--inbox", "nowhere", "--results", "nowhere"])

    said = capsys.readouterr().err
    assert code == 2
    assert "(NoSuchBucket)" in said
    assert said.endswith("; name the buckets that there are: --inbox and --results\n")


def test_without_keys_it_says_how_to_have_some(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    # A session keeps what it once found.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    code = main(["verify", "housing/", "--endpoint-url", "http://127.0.0.1:1"])

    assert code == 2
    assert capsys.readouterr().err == (
        "Unable to locate credentials; choose a profile (AWS_PROFILE) or set keys "
        "(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY); the local cloud "
        "(AWS_ENDPOINT_URL=http://127.0.0.1:9000) takes any\n"
    )


def test_without_the_local_cloud_it_says_how_to_start_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    code = main(["verify", "housing/", "--endpoint-url", "http://127.0.0.1:1"])

    said = capsys.readouterr().err
    assert code == 2
    assert said.endswith(
        "; start the local cloud (make serve), or say where it is (--endpoint-url)\n"
    )
