"""Buckets, queues and the notifications between them, created as the template says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local.data_plane import DataPlane
from local.template import Resource, Template

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import QueueConfigurationTypeDef
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.literals import QueueAttributeNameType

# CloudFormation and SQS call them alike.
QUEUE_ATTRIBUTES: tuple[QueueAttributeNameType, ...] = (
    "VisibilityTimeout",
    "MessageRetentionPeriod",
)


def create_storage(template: Template, data_plane: DataPlane) -> list[str]:
    """Returns the buckets' names."""
    s3, sqs = data_plane.s3(), data_plane.sqs()
    queues = template.of_type("AWS::SQS::Queue")
    for queue in queues:
        _create_queue(queue, template, sqs)
    for queue in queues:
        _set_redrive(queue, template, sqs)
    buckets = [_create_bucket(bucket, template, s3) for bucket in _buckets(template)]
    for queue in queues:
        # S3 announces a notification with a test event. On AWS it is consumed once, at deployment;
        # here it would start every model's score function whenever the cloud starts.
        sqs.purge_queue(QueueUrl=template.ref(queue))
    return buckets


def _create_queue(queue: Resource, template: Template, sqs: SQSClient) -> None:
    properties = template.properties(queue, *QUEUE_ATTRIBUTES)
    sqs.create_queue(
        QueueName=template.attribute(queue, "QueueName"),
        Attributes={name: str(properties[name]) for name in QUEUE_ATTRIBUTES if name in properties},
    )


def _set_redrive(queue: Resource, template: Template, sqs: SQSClient) -> None:
    properties = template.properties(queue, "RedrivePolicy")
    if properties:
        sqs.set_queue_attributes(
            QueueUrl=template.ref(queue),
            Attributes={"RedrivePolicy": json.dumps(properties["RedrivePolicy"])},
        )


def _buckets(template: Template) -> list[Resource]:
    """All but those of access logs, which nothing here writes."""
    buckets = template.of_type("AWS::S3::Bucket")
    logging = (
        template.properties(bucket, "LoggingConfiguration")["LoggingConfiguration"]
        for bucket in buckets
        if "LoggingConfiguration" in bucket.properties
    )
    logs = {configuration["DestinationBucketName"] for configuration in logging}
    return [bucket for bucket in buckets if template.ref(bucket) not in logs]


def _create_bucket(bucket: Resource, template: Template, s3: S3Client) -> str:
    name = template.ref(bucket)
    properties = template.properties(bucket, "VersioningConfiguration", "NotificationConfiguration")
    s3.create_bucket(Bucket=name)
    if properties.get("VersioningConfiguration", {}).get("Status") == "Enabled":
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    if "NotificationConfiguration" in properties:
        s3.put_bucket_notification_configuration(
            Bucket=name,
            NotificationConfiguration={
                "QueueConfigurations": _notifications(
                    bucket, properties["NotificationConfiguration"]
                )
            },
        )
    return name


def _notifications(
    bucket: Resource, configuration: dict[str, Any]
) -> list[QueueConfigurationTypeDef]:
    if others := configuration.keys() - {"QueueConfigurations"}:
        raise bucket.error(f"expected notifications to queues only, got {', '.join(others)}")
    return [_notification(queue) for queue in configuration["QueueConfigurations"]]


def _notification(queue: dict[str, Any]) -> QueueConfigurationTypeDef:
    notification: QueueConfigurationTypeDef = {
        "QueueArn": queue["Queue"],
        "Events": [queue["Event"]],
    }
    if "Filter" in queue:
        notification["Filter"] = {"Key": {"FilterRules": queue["Filter"]["S3Key"]["Rules"]}}
    return notification
