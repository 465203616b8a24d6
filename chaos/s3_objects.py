"""Objects: GetObject, HeadObject, PutObject, DeleteObject, DeleteObjects."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from chaos.object_store import ObjectStore
from chaos.s3_error import S3Error
from chaos.s3_request import Answer, Request, headers_of, range_of, version_header, xml_answer
from chaos.xml_document import NAMESPACE, Element

MAXIMUM_DELETED = 1_000


def get_object(store: ObjectStore, request: Request) -> Answer:
    bucket = store.bucket(request.bucket)
    version, content = bucket.version(request.key, request.query.get("versionId"))
    condition = request.condition
    if condition.if_match not in {None, "*", content.etag}:
        raise S3Error("PreconditionFailed")
    headers = headers_of(version, content)
    if condition.if_none_match in {"*", content.etag}:
        return Answer(304, headers)
    if "range" not in request.headers:
        return Answer(200, headers, content)
    start, stop = range_of(request.headers["range"], content.size)
    told = {"content-range": f"bytes {start}-{stop - 1}/{content.size}"}
    return Answer(206, headers | told, content.cut(start, stop))


def put_object(store: ObjectStore, request: Request) -> Answer:
    bucket = store.bucket(request.bucket)
    version = bucket.put(request.key, request.content, request.description, request.condition)
    store.announce("ObjectCreated:Put", bucket, request.key, version)
    return Answer(200, {"etag": f'"{request.content.etag}"', **version_header(version)})


def delete_object(store: ObjectStore, request: Request) -> Answer:
    bucket = store.bucket(request.bucket)
    if "versionId" in request.query:
        bucket.remove(request.key, request.query["versionId"])
        return Answer(204, {"x-amz-version-id": request.query["versionId"]})
    marker = bucket.delete(request.key)
    if marker is None:
        return Answer(204)
    return Answer(204, {"x-amz-delete-marker": "true", "x-amz-version-id": marker.id})


def delete_objects(store: ObjectStore, request: Request) -> Answer:
    bucket = store.bucket(request.bucket)
    told = list(_told(request.content.read()))
    if not 1 <= len(told) <= MAXIMUM_DELETED:
        raise S3Error("MalformedXML", f"Expected 1 to {MAXIMUM_DELETED} keys")
    deleted: list[Element] = []
    for key, version_id in told:
        if version_id is None:
            bucket.delete(key)
        else:
            bucket.remove(key, version_id)
        named = [("Key", key)] if version_id is None else [("Key", key), ("VersionId", version_id)]
        deleted.append(("Deleted", [*named]))
    return xml_answer("DeleteResult", *deleted)


def _told(body: bytes) -> list[tuple[str, str | None]]:
    names = {"s3": NAMESPACE}
    # Its only writer is our own client.
    entries = ET.fromstring(body).findall("s3:Object", names)  # noqa: S314
    return [
        (entry.findtext("s3:Key", "", names), entry.findtext("s3:VersionId", None, names))
        for entry in entries
    ]


def create_bucket(store: ObjectStore, request: Request) -> Answer:
    store.create_bucket(request.bucket)
    return Answer(200, {"location": f"/{request.bucket}"})


def put_bucket_versioning(store: ObjectStore, request: Request) -> Answer:
    bucket = store.bucket(request.bucket)
    bucket.versioned = b"<Status>Enabled</Status>" in request.content.read()
    return Answer(200)


def head_bucket(store: ObjectStore, request: Request) -> Answer:
    store.bucket(request.bucket)
    return Answer(200)
