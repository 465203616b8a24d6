"""Stores: what versions are fetched from, a directory or a prefix in S3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from registry.errors import SourceError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

CHUNK_BYTES = 1024 * 1024
ADDRESS = "s3://<bucket>/<prefix> or the path of a directory"
AGAIN = "run it again: it goes on where it stopped"


class Store(Protocol):
    """Files by their names. Both methods raise SourceError where one cannot be read."""

    def size_bytes(self, name: str) -> int: ...
    def chunks(self, name: str, start: int) -> Iterator[bytes]:
        """The file's bytes from `start` on."""


def open_store(url: str, *, base: Path) -> Store:
    """`s3://<bucket>/<prefix>`, or a directory, which if relative is one below `base`.

    boto3 finds credentials, region and AWS_ENDPOINT_URL.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise SourceError(f"{url}: expected {ADDRESS}, but {error}") from error
    if parts.scheme == "s3":
        return S3Store(boto3.client("s3"), parts.netloc, parts.path.strip("/"))
    if parts.scheme:
        raise SourceError(f"{url}: expected {ADDRESS}")
    return DirectoryStore(base / url)


class DirectoryStore:
    """A directory of this machine."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def size_bytes(self, name: str) -> int:
        with self._naming(name) as path:
            if path.is_file():
                return path.stat().st_size
        raise SourceError(f"{path}: expected a file, found none")

    def chunks(self, name: str, start: int) -> Iterator[bytes]:
        with self._naming(name) as path, path.open("rb") as file:
            file.seek(start)
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    @contextmanager
    def _naming(self, name: str) -> Iterator[Path]:
        try:
            yield self._directory / name
        except OSError as error:
            reason = error.strerror or error
            raise SourceError(
                f"{self._directory / name}: expected a file, got: {reason}"
            ) from error


class S3Store:
    """A prefix of a bucket."""

    def __init__(self, s3: S3Client, bucket: str, prefix: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._prefix = prefix

    def size_bytes(self, name: str) -> int:
        try:
            return self._s3.head_object(Bucket=self._bucket, Key=self._key(name))["ContentLength"]
        except (BotoCoreError, ClientError) as error:
            raise self._refusal(name, error) from error

    def chunks(self, name: str, start: int) -> Iterator[bytes]:
        try:
            answer = self._s3.get_object(
                Bucket=self._bucket, Key=self._key(name), Range=f"bytes={start}-"
            )
            yield from answer["Body"].iter_chunks(CHUNK_BYTES)
        except (BotoCoreError, ClientError) as error:
            raise self._refusal(name, error) from error

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    def _refusal(self, name: str, error: Exception) -> SourceError:
        url = f"s3://{self._bucket}/{self._key(name)}"
        return SourceError(
            f"{url}: {error}; look at the address and at whose credentials these are "
            f"(AWS_PROFILE), and {AGAIN}"
        )
