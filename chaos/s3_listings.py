"""Listings: ListObjectsV2, ListObjectVersions, ListMultipartUploads, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from urllib.parse import quote

from chaos.bucket import Version
from chaos.object_store import ObjectStore
from chaos.s3_error import S3Error
from chaos.s3_request import Answer, Request, written_at, xml_answer
from chaos.xml_document import Element

PAGE = 1_000


def list_objects_v2(store: ObjectStore, request: Request) -> Answer:
    _refuse_delimiter(request)
    after = request.query.get("continuation-token") or request.query.get("start-after") or ""
    found = (
        (key, version)
        for key, version in store.bucket(request.bucket).objects(_prefix(request))
        if key.encode() > after.encode()
    )
    page, is_truncated = _page(found, request)
    written = _spelling(request)
    told = [_listed("Contents", written(key), version) for key, version in page]
    following: list[Element] = [("NextContinuationToken", page[-1][0])] if is_truncated else []
    counted: Element = ("KeyCount", str(len(page)))
    return xml_answer(
        "ListBucketResult", counted, *_about(request, is_truncated=is_truncated), *following, *told
    )


def list_object_versions(store: ObjectStore, request: Request) -> Answer:
    _refuse_delimiter(request)
    bucket = store.bucket(request.bucket)
    found: Iterable[tuple[str, Version]] = bucket.versions(_prefix(request))
    if marker := request.query.get("key-marker"):
        found = _after(found, marker, request.query.get("version-id-marker"))
    page, is_truncated = _page(found, request)
    written = _spelling(request)
    told = [
        _listed(
            "DeleteMarker" if version.content is None else "Version",
            written(key),
            version,
            ("VersionId", version.id),
            ("IsLatest", str(version is _latest(store, request, key)).lower()),
        )
        for key, version in page
    ]
    following: list[Element] = []
    if is_truncated:
        key, version = page[-1]
        following = [("NextKeyMarker", written(key)), ("NextVersionIdMarker", version.id)]
    return xml_answer(
        "ListVersionsResult", *_about(request, is_truncated=is_truncated), *following, *told
    )


def list_multipart_uploads(store: ObjectStore, request: Request) -> Answer:
    _refuse_delimiter(request)
    written = _spelling(request)
    found = sorted(
        (upload.key, upload_id)
        for upload_id, upload in store.uploads(request.bucket).under_way.items()
        if upload.key.startswith(_prefix(request))
    )
    told: list[Element] = [
        ("Upload", [("Key", written(key)), ("UploadId", upload_id)]) for key, upload_id in found
    ]
    return xml_answer("ListMultipartUploadsResult", *_about(request, is_truncated=False), *told)


def _latest(store: ObjectStore, request: Request, key: str) -> Version:
    return next(v for k, v in store.bucket(request.bucket).versions(key) if k == key)


def _after(
    found: Iterable[tuple[str, Version]], marker: str, version_id: str | None
) -> Iterable[tuple[str, Version]]:
    """What follows one version of a key; without a version, what follows all of the key's."""
    is_past = False
    for key, version in found:
        if key.encode() > marker.encode() or is_past:
            yield key, version
        elif key == marker and version.id == version_id:
            is_past = True


def _page(
    found: Iterable[tuple[str, Version]], request: Request
) -> tuple[list[tuple[str, Version]], bool]:
    size = min(request.number("max-keys", PAGE), PAGE)
    page = list(islice(found, size + 1))
    return page[:size], len(page) > size


def _about(request: Request, *, is_truncated: bool) -> list[Element]:
    told: list[Element] = [
        ("Name", request.bucket),
        ("Prefix", _spelling(request)(_prefix(request))),
        ("IsTruncated", str(is_truncated).lower()),
    ]
    if request.query.get("encoding-type") == "url":
        told.append(("EncodingType", "url"))
    return told


def _listed(name: str, key: str, version: Version, *more: Element) -> Element:
    told: list[Element] = [("Key", key), *more, ("LastModified", written_at(version))]
    if version.content is not None:
        told += [("ETag", f'"{version.content.etag}"'), ("Size", str(version.content.size))]
    return name, told


def _prefix(request: Request) -> str:
    return request.query.get("prefix", "")


def _spelling(request: Request) -> Callable[[str], str]:
    return quote if request.query.get("encoding-type") == "url" else str


def _refuse_delimiter(request: Request) -> None:
    if "delimiter" in request.query:
        raise S3Error("NotImplemented", "This double knows no delimiters")
