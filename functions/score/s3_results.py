"""The results in S3: scored files, and the manifests that say which of their versions count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from delivery.errors import ConflictError
from delivery.job import Source
from delivery.manifest import SUFFIX, Manifest, Output, OutputPart
from delivery.store import Claim, StoredManifest, StoredOutput
from formats.format import result_key
from functions.score.s3_errors import CONFLICT, GONE, code_of
from functions.score.s3_join import S3Join
from functions.score.s3_upload import S3Upload
from functions.score.s3_versions import UNVERSIONED, versions_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class S3Results:
    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, claim: Claim, content: bytes) -> Output:
        key = _key_of(claim)
        upload = S3Upload(self._client, self._bucket, key, metadata=_metadata_of(claim))
        upload.write(content)
        try:
            written = upload.finish()
        except BaseException:
            upload.abort()
            raise
        return Output(self._bucket, key, written.version, written.size, written.sha256)

    def join(self, claim: Claim, parts: Sequence[OutputPart]) -> Output:
        key = _key_of(claim)
        join = S3Join(self._client, self._bucket, key, metadata=_metadata_of(claim))
        version = join.of(parts)
        slices = tuple(replace(part, key=None, version=None) for part in parts)
        return Output(self._bucket, key, version, sum(part.size for part in parts), None, slices)

    def folder(self, claim: Claim, parts: Sequence[OutputPart]) -> Output:
        size = sum(part.size for part in parts)
        return Output(self._bucket, folder_of(claim), None, size, None, tuple(parts))

    def outputs(self, key: str, *, besides: Output | None) -> Iterator[StoredOutput]:
        output_key = result_key(key)
        if output_key is None:
            return
        known = {UNVERSIONED, besides.version if besides else None}
        for version in versions_of(self._client, self._bucket, output_key):
            claim = None if version in known else self._claim(key, output_key, version)
            if claim is not None:
                yield StoredOutput(version, claim)

    def _claim(self, key: str, output_key: str, version: str) -> Claim | None:
        try:
            answer = self._client.head_object(
                Bucket=self._bucket, Key=output_key, VersionId=version
            )
        except ClientError as error:
            if code_of(error) in GONE:
                return None
            raise
        return _claim_of(key, answer["Metadata"])

    def discard(self, output: StoredOutput) -> None:
        self._client.delete_object(
            Bucket=self._bucket, Key=_key_of(output.claim), VersionId=output.version
        )

    def read_manifest(self, key: str) -> StoredManifest | None:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key + SUFFIX)
        except ClientError as error:
            if code_of(error) in GONE:
                return None
            raise
        with closing(answer["Body"]) as body:
            return StoredManifest(Manifest.from_json(body.read()), answer["ETag"])

    def write_manifest(self, manifest: Manifest, *, replacing: StoredManifest | None) -> None:
        swap: Any = {"IfNoneMatch": "*"} if replacing is None else {"IfMatch": replacing.tag}
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=manifest.source.key + SUFFIX,
                Body=manifest.to_json(),
                ContentType="application/json",
                **swap,
            )
        except ClientError as error:
            if code_of(error) in CONFLICT:
                raise ConflictError(f"{manifest.job}: another manifest was written") from error
            raise


def folder_of(claim: Claim) -> str:
    """Where the parts lie that stay objects of their own."""
    return f"{claim.source.key}/{claim.job}/"


def _key_of(claim: Claim) -> str:
    """Where the output of a claim is: whatever is scored has a format."""
    return result_key(claim.source.key) or claim.source.key


def _metadata_of(claim: Claim) -> dict[str, str]:
    source = claim.source
    told = {"bucket": source.bucket, "version": source.version, "etag": source.etag}
    rescoring = {"rescoring": "true"} if claim.is_rescoring else {}
    told_of_source = {name: value for name, value in told.items() if value is not None}
    return {"job": claim.job} | rescoring | told_of_source


def _claim_of(key: str, metadata: Mapping[str, str]) -> Claim | None:
    if "job" not in metadata:
        return None
    source = Source(metadata["bucket"], key, metadata.get("version"), metadata.get("etag"))
    return Claim(source, metadata["job"], is_rescoring="rescoring" in metadata)
