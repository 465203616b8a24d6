"""The bucket that says who read and wrote files, for as long as that is anybody's business."""

from __future__ import annotations

from aws_cdk import Duration
from constructs import Construct

from cdk.private_bucket import PrivateBucket

KEPT = Duration.days(90)


class AccessLogsBucket(PrivateBucket):
    """S3 writes into it what it knows of requests, up to hours later."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id, noncurrent_versions_expire_after=Duration.days(1))
        self.add_lifecycle_rule(expiration=KEPT)
