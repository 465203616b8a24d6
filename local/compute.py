"""Functions and their event sources, as the template and the images say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from local.assembly import ImageAsset, Stack
from local.data_plane import DataPlane
from local.environment import Configuration
from local.event_source import EventSource, EventSourceMapping
from local.function import Function
from local.image import Image, read_image
from local.template import Resource, Template
from local.warm_pool import WarmPool

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

FunctionsByArn = Mapping[str, Function]


def functions(
    template: Template, stacks: Sequence[Stack], data_plane: DataPlane
) -> dict[str, Function]:
    """The images' functions, by ARN. None has started a process yet."""
    images = {tag: image for stack in stacks for tag, image in stack.images.items()}
    warm_pool = WarmPool()
    return {
        template.attribute(resource, "Arn"): Function(
            _configuration(resource, template, images, data_plane.endpoint), warm_pool=warm_pool
        )
        for resource in template.of_type("AWS::Lambda::Function")
        if resource.properties.get("PackageType") == "Image"
    }


def with_aliases(by_arn: FunctionsByArn, template: Template) -> FunctionsByArn:
    """The functions, and again by the ARN of each alias."""
    by_name = {function.name: function for function in by_arn.values()}
    aliases = {
        template.ref(alias): by_name[template.properties(alias, "FunctionName")["FunctionName"]]
        for alias in template.of_type("AWS::Lambda::Alias")
    }
    return {**by_arn, **aliases}


def event_sources(
    template: Template, by_arn: FunctionsByArn, data_plane: DataPlane
) -> Iterator[EventSource]:
    """Lambda polls as the function: with its key, and with what its role allows."""
    by_name = {function.name: function for function in by_arn.values()}
    for resource in template.of_type("AWS::Lambda::EventSourceMapping"):
        name, _, _ = template.properties(resource, "FunctionName")["FunctionName"].partition(":")
        mapping, sqs = _mapping(resource, template), data_plane.pollers_sqs(name)
        _require_visibility(resource, mapping, by_name[name], sqs)
        yield EventSource(mapping, by_name[name], sqs)


def _require_visibility(
    resource: Resource, mapping: EventSourceMapping, function: Function, sqs: SQSClient
) -> None:
    """Lambda makes no mapping whose messages would come again while they are worked on:
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
    try:
        answer = sqs.get_queue_attributes(
            QueueUrl=mapping.queue_url, AttributeNames=["VisibilityTimeout"]
        )
    except ClientError as error:
        raise resource.error(f"{function.name} cannot look at its queue: {error}") from error
    visibility_s = int(answer["Attributes"]["VisibilityTimeout"])
    timeout_s = function.configuration.timeout_s
    if visibility_s < timeout_s:
        raise resource.error(
            f"expected a queue that hides messages for at least {timeout_s:g} s, as long as "
            f"{function.name} may run, got {visibility_s} s"
        )


def _configuration(
    resource: Resource, template: Template, images: Mapping[str, ImageAsset], endpoint: str
) -> Configuration:
    properties = template.properties(resource, "Code", "Environment", "MemorySize", "Timeout")
    asset = images[properties["Code"]["ImageUri"].rpartition(":")[2]]
    image = read_image(asset)
    return Configuration(
        name=template.ref(resource),
        handler=image.handler,
        directory=asset.directory,
        python_path=image.python_path,
        variables=_variables(image, properties) | {"AWS_ENDPOINT_URL": endpoint},
        timeout_s=properties.get("Timeout", Configuration.timeout_s),
        memory_mib=properties.get("MemorySize", Configuration.memory_mib),
    )


def _variables(image: Image, properties: dict[str, Any]) -> dict[str, str]:
    variables = image.variables | properties.get("Environment", {}).get("Variables", {})
    return {name: image.localized(value) for name, value in variables.items()}


def _mapping(resource: Resource, template: Template) -> EventSourceMapping:
    properties = template.properties(
        resource,
        "BatchSize",
        "EventSourceArn",
        "FunctionResponseTypes",
        "MaximumBatchingWindowInSeconds",
        "ScalingConfig",
    )
    arn = properties["EventSourceArn"]
    queues = template.of_type("AWS::SQS::Queue")
    return EventSourceMapping(
        queue_url=next(template.ref(q) for q in queues if template.attribute(q, "Arn") == arn),
        queue_arn=arn,
        batch_size=properties.get("BatchSize", EventSourceMapping.batch_size),
        batching_window_s=properties.get("MaximumBatchingWindowInSeconds", 0),
        maximum_concurrency=properties.get("ScalingConfig", {}).get("MaximumConcurrency"),
        reports_item_failures="ReportBatchItemFailures"
        in properties.get("FunctionResponseTypes", []),
    )
