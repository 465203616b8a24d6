"""One object in the making: written in one piece where it is small, in parts where it is not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from delivery.manifest import OutputPart

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# S3 takes parts from 5 MiB; ten thousand of these make 80 GB.
PART_BYTES = 8 * 1024 * 1024


class S3Upload:
    def __init__(
        self, client: S3Client, bucket: str, key: str, *, metadata: Mapping[str, str]
    ) -> None:
        self._client = client
        self._object: Any = {"Bucket": bucket, "Key": key}
        self._metadata = metadata
        self._upload_id: str | None = None
        self._parts: list[Any] = []
        self._buffer = bytearray()
        self._sha256 = hashlib.sha256()
        self.size = 0

    @property
    def content(self) -> bytes | None:
        return bytes(self._buffer) if self._upload_id is None else None

    def write(self, data: bytes) -> None:
        self._buffer += data
        self.size += len(data)
        self._sha256.update(data)
        if len(self._buffer) >= PART_BYTES:
            self._send_part()

    def finish(self) -> OutputPart:
        answer = self._put() if self._upload_id is None else self._complete(self._upload_id)
        return OutputPart(
            key=self._object["Key"],
            version=answer.get("VersionId"),
            size=self.size,
            sha256=self._sha256.hexdigest(),
        )

    def abort(self) -> None:
        if self._upload_id is not None:
            self._client.abort_multipart_upload(**self._object, UploadId=self._upload_id)
            self._upload_id = None

    def _put(self) -> Any:  # noqa: ANN401 - boto3's answer
        return self._client.put_object(
            **self._object, Body=bytes(self._buffer), Metadata=self._metadata
        )

    def _complete(self, upload_id: str) -> Any:  # noqa: ANN401 - boto3's answer
        if self._buffer:
            self._send_part()
        return self._client.complete_multipart_upload(
            **self._object, UploadId=upload_id, MultipartUpload={"Parts": self._parts}
        )

    def _send_part(self) -> None:
        if self._upload_id is None:
            created = self._client.create_multipart_upload(**self._object, Metadata=self._metadata)
            self._upload_id = created["UploadId"]
        number = len(self._parts) + 1
        answer = self._client.upload_part(
            **self._object, UploadId=self._upload_id, PartNumber=number, Body=bytes(self._buffer)
        )
        self._parts.append({"ETag": answer["ETag"], "PartNumber": number})
        self._buffer.clear()
