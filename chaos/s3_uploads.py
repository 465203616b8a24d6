"""Uploads in parts: create, upload, copy, complete, abort."""

from __future__ import annotations

from urllib.parse import unquote
from xml.etree import ElementTree as ET

from chaos.bucket import Version
from chaos.content import Content
from chaos.object_store import ObjectStore
from chaos.s3_error import S3Error
from chaos.s3_request import Answer, Request, range_of, version_header, written_at, xml_answer
from chaos.xml_document import NAMESPACE


def create_multipart_upload(store: ObjectStore, request: Request) -> Answer:
    upload_id = store.uploads(request.bucket).create(request.key, request.description)
    return xml_answer(
        "InitiateMultipartUploadResult",
        ("Bucket", request.bucket),
        ("Key", request.key),
        ("UploadId", upload_id),
    )


def upload_part(store: ObjectStore, request: Request) -> Answer:
    _add(store, request, request.content)
    return Answer(200, {"etag": f'"{request.content.etag}"'})


def upload_part_copy(store: ObjectStore, request: Request) -> Answer:
    version, content = _copied(store, request.headers["x-amz-copy-source"])
    if_match = request.headers.get("x-amz-copy-source-if-match")
    if if_match is not None and if_match.strip('"') != content.etag:
        raise S3Error("PreconditionFailed")
    wanted = request.headers.get("x-amz-copy-source-range")
    if wanted is not None:
        start, stop = range_of(wanted, content.size)
        if wanted != f"bytes={start}-{stop - 1}":
            raise S3Error("InvalidArgument", "The x-amz-copy-source-range value must be of the …")
        content = content.cut(start, stop)
    _add(store, request, content)
    return xml_answer(
        "CopyPartResult",
        ("ETag", f'"{content.etag}"'),
        ("LastModified", written_at(version)),
    )


def complete_multipart_upload(store: ObjectStore, request: Request) -> Answer:
    uploads, bucket = store.uploads(request.bucket), store.bucket(request.bucket)
    told = _told(request.content.read())
    version = uploads.complete(request.key, request.query["uploadId"], told, request.condition)
    store.announce("ObjectCreated:CompleteMultipartUpload", bucket, request.key, version)
    return xml_answer(
        "CompleteMultipartUploadResult",
        ("Bucket", request.bucket),
        ("Key", request.key),
        ("ETag", f'"{version.etag}"'),
        headers=version_header(version),
    )


def abort_multipart_upload(store: ObjectStore, request: Request) -> Answer:
    store.uploads(request.bucket).abort(request.key, request.query["uploadId"])
    return Answer(204)


def _add(store: ObjectStore, request: Request, content: Content) -> None:
    uploads = store.uploads(request.bucket)
    uploads.add(request.key, request.query["uploadId"], request.number("partNumber", 0), content)


def _copied(store: ObjectStore, source: str) -> tuple[Version, Content]:
    path, _, version_id = source.partition("?versionId=")
    bucket, _, key = unquote(path).removeprefix("/").partition("/")
    return store.bucket(bucket).version(key, version_id or None)


def _told(body: bytes) -> list[tuple[int, str]]:
    names = {"s3": NAMESPACE}
    # Its only writer is our own client.
    parts = ET.fromstring(body).findall("s3:Part", names)  # noqa: S314
    return [
        (int(p.findtext("s3:PartNumber", "0", names)), p.findtext("s3:ETag", "", names).strip('"'))
        for p in parts
    ]
