"""The inbox: its files as they are now, and how a message announces one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from delivery.job import Source, is_marker
from functions.score.s3_versions import UNVERSIONED

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import ObjectVersionTypeDef


@dataclass(frozen=True, slots=True)
class InboxFile:
    """The current version of an object."""

    source: Source
    size_bytes: int


def files_in(s3: S3Client, bucket: str, prefix: str) -> Iterator[InboxFile]:
    """The files under a prefix by their keys, without folders and markers."""
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        for entry in page.get("Versions", []):
            if entry["IsLatest"] and not is_marker(entry["Key"]):
                yield InboxFile(_source(bucket, entry), entry["Size"])


def _source(bucket: str, entry: ObjectVersionTypeDef) -> Source:
    version = entry["VersionId"]
    return Source(
        bucket,
        entry["Key"],
        None if version == UNVERSIONED else version,
        entry["ETag"].strip('"'),
    )
