"""The parts of unfinished jobs, in the results bucket under `.parts/<model>/<job>/`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from contextlib import closing, contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from delivery.errors import ConflictError
from delivery.manifest import Output, OutputPart
from delivery.part import Part
from delivery.store import Claim
from functions.score.s3_errors import CONFLICT, GONE, code_of
from functions.score.s3_results import folder_of
from functions.score.s3_upload import S3Upload
from functions.score.s3_versions import versions_under

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# A model's name begins with a letter or a digit, so that no key of a file begins so.
PREFIX = ".parts/"
# What S3 removes in one request.
REMOVED_AT_ONCE = 1000


class S3Parts:
    """Data is written first; then the part's manifest, once, says which version of it counts."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    @contextmanager
    def upload(self, claim: Claim, start: int, *, joins: bool) -> Iterator[S3Upload]:
        upload = S3Upload(
            self._client, self._bucket, _data_key(claim, start, joins=joins), metadata={}
        )
        try:
            yield upload
        except BaseException:
            upload.abort()
            raise

    def read(self, claim: Claim, start: int) -> Part | None:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=_key(claim, start))
        except ClientError as error:
            if code_of(error) in GONE:
                return None
            raise
        with closing(answer["Body"]) as body:
            return Part.from_json(body.read())

    def commit(self, claim: Claim, part: Part) -> None:
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=_key(claim, part.start),
                Body=part.to_json(),
                ContentType="application/json",
                IfNoneMatch="*",
            )
        except ClientError as error:
            if code_of(error) in CONFLICT:
                raise ConflictError(f"{claim.job}: the part was written already") from error
            raise

    def count(self, claim: Claim) -> int:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{_prefix(claim)}manifests/"
        )
        return sum(page["KeyCount"] for page in pages)

    def discard(self, data: OutputPart) -> None:
        if data.key is not None and data.version is not None:
            self._client.delete_object(Bucket=self._bucket, Key=data.key, VersionId=data.version)

    def mark_split(self, claim: Claim) -> None:
        self._client.put_object(Bucket=self._bucket, Key=_mark_key(claim), Body=b"")

    def was_split(self, claim: Claim) -> bool:
        try:
            self._client.head_object(Bucket=self._bucket, Key=_mark_key(claim))
        except ClientError as error:
            if code_of(error) in GONE:
                return False
            raise
        return True

    def remove(self, claim: Claim, *, kept: Output | None) -> None:
        keep = {(part.key, part.version) for part in kept.parts} if kept else set()
        self._remove_under(_prefix(claim), folder_of(claim), keep=keep)

    def forget(self, claim: Claim) -> None:
        self._remove_under(_prefix(claim), keep=set())

    def _remove_under(self, *prefixes: str, keep: Set[tuple[str | None, str | None]]) -> None:
        for prefix in prefixes:
            versions = versions_under(self._client, self._bucket, prefix)
            needless = (version for version in versions if version not in keep)
            while some := [*islice(needless, REMOVED_AT_ONCE)]:
                self._remove(some)

    def _remove(self, versions: Sequence[tuple[str, str]]) -> None:
        self._client.delete_objects(
            Bucket=self._bucket,
            Delete={
                "Objects": [{"Key": key, "VersionId": version} for key, version in versions],
                "Quiet": True,
            },
        )


def _prefix(claim: Claim) -> str:
    model = claim.source.key.partition("/")[0]
    return f"{PREFIX}{model}/{claim.job}/"


def _key(claim: Claim, start: int) -> str:
    return f"{_prefix(claim)}manifests/{start:020d}.json"


def _mark_key(claim: Claim) -> str:
    return f"{_prefix(claim)}split"


def _data_key(claim: Claim, start: int, *, joins: bool) -> str:
    if joins:
        return f"{_prefix(claim)}data/{start:020d}"
    return f"{folder_of(claim)}part-{start:020d}.parquet"
