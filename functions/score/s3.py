"""S3 as the storage of a delivery."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from delivery.errors import ConflictError, SourceGoneError, SupersededError
from delivery.job import Source
from delivery.manifest import SUFFIX, Manifest, Output
from delivery.store import Claim, OpenedSource, StoredManifest, StoredOutput

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

CHUNK_BYTES = 1024 * 1024
# S3 takes parts from 5 MiB; ten thousand of these make 80 GB.
PART_BYTES = 8 * 1024 * 1024

# The version id of what is not versioned, where S3 tells one at all.
UNVERSIONED = "null"

# A version id that names a delete marker answers 405.
_GONE = {"NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "404", "405"}
_CHANGED = {"PreconditionFailed", "412"}
# 409: another conditional write to the same key was under way. 404: If-Match found no object.
_CONFLICT = {*_CHANGED, "ConditionalRequestConflict", "409", "NoSuchKey", "404"}


class S3Inbox:
    """Where files land."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self.name = bucket

    @contextmanager
    def open(self, source: Source) -> Iterator[OpenedSource]:
        """Pin the announced version; without one, the announced bytes by their etag."""
        pin: dict[str, Any] = {}
        if source.version is not None:
            pin = {"VersionId": source.version}
        elif source.etag is not None:
            pin = {"IfMatch": f'"{source.etag}"'}
        answer = self._get(source, pin)
        version = answer.get("VersionId", UNVERSIONED)
        pinned = Source(
            source.bucket,
            source.key,
            None if version == UNVERSIONED else version,
            answer["ETag"].strip('"'),
        )
        with closing(answer["Body"]) as body:
            yield OpenedSource(pinned, body.iter_chunks(CHUNK_BYTES))

    def _get(self, source: Source, pin: dict[str, Any]) -> Any:  # noqa: ANN401 - boto3's answer
        try:
            return self._client.get_object(Bucket=self.name, Key=source.key, **pin)
        except ClientError as error:
            if _code(error) in _GONE:
                raise SourceGoneError(f"{source.version or source.etag}: gone") from error
            if _code(error) in _CHANGED:
                raise SupersededError(f"{source.etag}: overwritten") from error
            raise

    def is_later(self, version: str, other: str, *, key: str) -> bool:
        versions = _versions(self._client, self.name, key)
        return next((v for v in versions if v in {version, other}), None) == version


class S3Results:
    """Where scored files and manifests go."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    @contextmanager
    def upload(self, claim: Claim) -> Iterator[S3Upload]:
        upload = S3Upload(self._client, self._bucket, claim)
        try:
            yield upload
        except BaseException:
            upload.abort()
            raise

    def outputs(self, key: str, *, besides: Output | None) -> Iterator[StoredOutput]:
        known = {UNVERSIONED, besides.version if besides else None}
        for version in _versions(self._client, self._bucket, key):
            claim = None if version in known else self._claim(key, version)
            if claim is not None:
                yield StoredOutput(version, claim)

    def _claim(self, key: str, version: str) -> Claim | None:
        try:
            answer = self._client.head_object(Bucket=self._bucket, Key=key, VersionId=version)
        except ClientError as error:
            if _code(error) in _GONE:
                return None
            raise
        return _claim_of(key, answer["Metadata"])

    def discard(self, output: StoredOutput) -> None:
        self._client.delete_object(
            Bucket=self._bucket, Key=output.claim.source.key, VersionId=output.version
        )

    def read_manifest(self, key: str) -> StoredManifest | None:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key + SUFFIX)
        except ClientError as error:
            if _code(error) in _GONE:
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
            if _code(error) in _CONFLICT:
                raise ConflictError(f"{manifest.job}: another manifest was written") from error
            raise


class S3Upload:
    """One object, written in one piece where it is small and in parts where it is not."""

    def __init__(self, client: S3Client, bucket: str, claim: Claim) -> None:
        self._client = client
        self._bucket = bucket
        self._key = claim.source.key
        self._metadata = _metadata_of(claim)
        self._upload_id: str | None = None
        self._parts: list[Any] = []
        self._buffer = bytearray()
        self._size = 0
        self._sha256 = hashlib.sha256()

    def write(self, data: bytes) -> None:
        self._buffer += data
        self._size += len(data)
        self._sha256.update(data)
        if len(self._buffer) >= PART_BYTES:
            self._send_part()

    def finish(self) -> Output:
        if self._upload_id is None:
            answer: Any = self._client.put_object(
                Bucket=self._bucket,
                Key=self._key,
                Body=bytes(self._buffer),
                Metadata=self._metadata,
            )
        else:
            if self._buffer:
                self._send_part()
            answer = self._client.complete_multipart_upload(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=self._upload_id,
                MultipartUpload={"Parts": self._parts},
            )
        return Output(
            bucket=self._bucket,
            key=self._key,
            version=answer.get("VersionId"),
            size=self._size,
            sha256=self._sha256.hexdigest(),
        )

    def abort(self) -> None:
        if self._upload_id is not None:
            self._client.abort_multipart_upload(
                Bucket=self._bucket, Key=self._key, UploadId=self._upload_id
            )

    def _send_part(self) -> None:
        if self._upload_id is None:
            created = self._client.create_multipart_upload(
                Bucket=self._bucket, Key=self._key, Metadata=self._metadata
            )
            self._upload_id = created["UploadId"]
        number = len(self._parts) + 1
        answer = self._client.upload_part(
            Bucket=self._bucket,
            Key=self._key,
            UploadId=self._upload_id,
            PartNumber=number,
            Body=bytes(self._buffer),
        )
        self._parts.append({"ETag": answer["ETag"], "PartNumber": number})
        self._buffer.clear()


def _versions(client: S3Client, bucket: str, key: str) -> Iterator[str]:
    """The versions of one object, in S3's order: from the latest to the first."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key):
        for entry in page.get("Versions", []):
            if entry["Key"] == key:
                yield entry["VersionId"]


def _metadata_of(claim: Claim) -> dict[str, str]:
    source = claim.source
    told = {"bucket": source.bucket, "version": source.version, "etag": source.etag}
    return {"job": claim.job} | {name: value for name, value in told.items() if value is not None}


def _claim_of(key: str, metadata: Mapping[str, str]) -> Claim | None:
    if "job" not in metadata:
        return None
    source = Source(metadata["bucket"], key, metadata.get("version"), metadata.get("etag"))
    return Claim(source, metadata["job"])


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
