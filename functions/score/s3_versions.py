"""The versions of an object, as S3 orders them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# The version id of what is not versioned, where S3 tells one at all.
UNVERSIONED = "null"


def versions_of(client: S3Client, bucket: str, key: str) -> Iterator[str]:
    """From the latest to the first; delete markers are none."""
    for name, version in versions_under(client, bucket, key):
        if name == key:
            yield version


def versions_under(client: S3Client, bucket: str, prefix: str) -> Iterator[tuple[str, str]]:
    """Key and version id of everything whose key begins so, in S3's order."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Versions", []):
            yield entry["Key"], entry["VersionId"]
