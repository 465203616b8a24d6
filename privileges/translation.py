"""From what was watched to what is deployed: accesses by the names that the policies have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chaos.laboratory import QUEUE_ARN
from iam.access import Access
from iam.account import arn
from iam.needs import deployment_arn
from local.stage import Stage
from privileges.gate_run import DEPLOYMENT


class Translation:
    """From the stage of the local cloud, and from chaos, to the same stage as it is deployed."""

    def __init__(self, watched: Stage, stage: Stage) -> None:
        self._roles = dict(_roles(watched, stage))
        self._resources = dict(_resources(watched, stage))

    def of(self, access: Access) -> Access:
        """That of a function, by its name in the local cloud, as its role's."""
        # An object goes by the ARN of its bucket.
        whole, slash, key = access.need.resource.partition("/")
        resource = f"{self._resources.get(whole, whole)}{slash}{key}"
        return Access(self._roles[access.principal], replace(access.need, resource=resource))


def _roles(watched: Stage, stage: Stage) -> Iterator[tuple[str, str]]:
    roles = stage.roles()
    for function in stage.template.of_type("AWS::Lambda::Function"):
        yield watched.template.ref(function), roles[stage.template.ref(function)]


def _resources(watched: Stage, stage: Stage) -> Iterator[tuple[str, str]]:
    for kind in ("AWS::S3::Bucket", "AWS::SQS::Queue"):
        for resource in stage.template.of_type(kind):
            local_arn = watched.template.attribute(resource, "Arn")
            yield local_arn, stage.template.attribute(resource, "Arn")
    [source] = stage.template.of_type("AWS::Lambda::EventSourceMapping")
    chaos_queue = arn("sqs", QUEUE_ARN.rpartition(":")[2])
    yield chaos_queue, stage.properties(source)["EventSourceArn"]
    [group] = stage.template.of_type("AWS::CodeDeploy::DeploymentGroup")
    name = f"{stage.properties(group)['ApplicationName']}/{stage.template.ref(group)}"
    yield deployment_arn(DEPLOYMENT), arn("codedeploy", f"deploymentgroup:{name}")
