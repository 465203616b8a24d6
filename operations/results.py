"""The results: which keys have a manifest, and whether one is about a given version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from delivery.job import Source
from delivery.manifest import SUFFIX

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def scored_keys(s3: S3Client, bucket: str, prefix: str) -> Iterator[str]:
    """The inbox's keys under a prefix that have a manifest."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", []):
            if entry["Key"].endswith(SUFFIX):
                yield entry["Key"].removesuffix(SUFFIX)


def is_same(one: Source, other: Source) -> bool:
    """Whether two sources of one key are the same version; without one, the same bytes."""
    if one.version is None or other.version is None:
        return one.etag == other.etag
    return one.version == other.version
