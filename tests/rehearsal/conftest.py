"""A stage of small models, synthesized once, and its stacks to break."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cdk.app import synthesize
from cdk.context import read_context
from local.assembly import Stack, read_assembly
from rehearsal.docker import register
from rehearsal.stand_ins import teach_moto
from tests.infrastructure.conftest import write_models

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
QUALIFIER = read_context()["@aws-cdk/core:bootstrapQualifier"]
REPOSITORY = f"cdk-{QUALIFIER}-container-assets-123456789012-us-east-1"


@pytest.fixture(scope="session")
def assembly_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    context = read_context()
    context["stages"]["dev"]["default_model"] = "housing"
    context["aws:cdk:disable-asset-staging"] = True
    output = tmp_path_factory.mktemp("assembly")
    return synthesize(write_models(output / "models"), context, output / "cdk.out")


@pytest.fixture(scope="session")
def synthesized(assembly_directory: Path) -> list[Stack]:
    return read_assembly(assembly_directory)


@pytest.fixture
def stacks(synthesized: list[Stack]) -> list[Stack]:
    return deepcopy(synthesized)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """moto in this process, taught and bootstrapped."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        teach_moto()
        yield Account()


class Account:
    """Deploys as CloudFormation is asked to, without the CDK command line."""

    def __init__(self) -> None:
        self._pushed: set[str] = set()
        ssm = boto3.client("ssm")
        version = f"/cdk-bootstrap/{QUALIFIER}/version"
        ssm.put_parameter(Name=version, Value="28", Type="String")
        boto3.client("ecr").create_repository(repositoryName=REPOSITORY)

    def client(self, service: Any) -> Any:  # noqa: ANN401 - any service's client
        return boto3.client(service)

    def deploy(self, stacks: list[Stack]) -> None:
        for stack in sorted(stacks, key=_order):
            self._push(stack.images)
            boto3.client("cloudformation").create_stack(
                StackName=stack.name, TemplateBody=json.dumps(stack.template)
            )

    def deploy_again(self, stacks: list[Stack]) -> None:
        for stack in sorted(stacks, key=_order):
            self._push(stack.images)
            boto3.client("cloudformation").update_stack(
                StackName=stack.name, TemplateBody=json.dumps(stack.template)
            )

    def _push(self, tags: Iterable[str]) -> None:
        """As the CDK command line does: not what is there already."""
        for tag in set(tags) - self._pushed:
            register(f"{REGISTRY}/{REPOSITORY}:{tag}")
            self._pushed.add(tag)


def _order(stack: Stack) -> tuple[bool, bool]:
    """What is imported comes before what imports it."""
    return stack.name.endswith("-api"), not stack.name.endswith("-data")
