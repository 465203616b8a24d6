"""The bucket of scored files, and of what scoring leaves there for a while."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk.aws_s3 import IBucket
from constructs import Construct

from cdk.private_bucket import PrivateBucket

# No model's name begins so: parts of unfinished jobs, and notes about deliveries that faulted.
PARTS = ".parts/"
FAULTS = ".faults/"

REPLACED_KEPT = Duration.days(30)
# Longer than any message lives, dead letters included: nothing that is still waited for goes.
LEFTOVERS_KEPT = Duration.days(30)


class ResultsBucket(PrivateBucket):
    def __init__(self, scope: Construct, construct_id: str, *, access_logs: IBucket) -> None:
        super().__init__(
            scope,
            construct_id,
            access_logs=access_logs,
            noncurrent_versions_expire_after=REPLACED_KEPT,
        )
        for prefix in (PARTS, FAULTS):
            self.add_lifecycle_rule(
                prefix=prefix,
                expiration=LEFTOVERS_KEPT,
                noncurrent_version_expiration=Duration.days(1),
            )
