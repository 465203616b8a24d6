"""A bucket that keeps what it holds to itself: private, encrypted, versioned, never deleted."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk.aws_s3 import (
    BlockPublicAccess,
    Bucket,
    BucketEncryption,
    IBucket,
    LifecycleRule,
    ObjectOwnership,
)
from constructs import Construct

# Longer than any job runs: what is left of an upload after that is only paid for.
ABORT_UPLOADS_AFTER = Duration.days(7)


class PrivateBucket(Bucket):
    """`noncurrent_versions_expire_after` None: replaced versions are kept. `access_logs` says who
    read and wrote what; only a bucket of such logs has none."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        access_logs: IBucket | None = None,
        noncurrent_versions_expire_after: Duration | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            versioned=True,
            encryption=BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            block_public_access=BlockPublicAccess.BLOCK_ALL,
            object_ownership=ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=RemovalPolicy.RETAIN,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix=None if access_logs is None else f"{construct_id.lower()}/",
            lifecycle_rules=[
                LifecycleRule(
                    abort_incomplete_multipart_upload_after=ABORT_UPLOADS_AFTER,
                    noncurrent_version_expiration=noncurrent_versions_expire_after,
                )
            ],
        )
