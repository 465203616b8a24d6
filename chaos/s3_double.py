"""S3's answers: which operation a request asks for, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable

from chaos import s3_listings, s3_objects, s3_uploads
from chaos.content import in_memory
from chaos.object_store import ObjectStore
from chaos.s3_error import S3Error
from chaos.s3_request import Answer, Request
from chaos.xml_document import document

Operation = Callable[[ObjectStore, Request], Answer]

# By method, by whether there is a key, and by the query parameter or the header that decides.
OPERATIONS: dict[tuple[str, bool, str | None], Operation] = {
    ("PUT", False, None): s3_objects.create_bucket,
    ("HEAD", False, None): s3_objects.head_bucket,
    ("PUT", False, "versioning"): s3_objects.put_bucket_versioning,
    ("POST", False, "delete"): s3_objects.delete_objects,
    ("GET", False, "list-type"): s3_listings.list_objects_v2,
    ("GET", False, "versions"): s3_listings.list_object_versions,
    ("GET", False, "uploads"): s3_listings.list_multipart_uploads,
    ("GET", True, None): s3_objects.get_object,
    ("HEAD", True, None): s3_objects.get_object,
    ("PUT", True, None): s3_objects.put_object,
    ("DELETE", True, None): s3_objects.delete_object,
    ("POST", True, "uploads"): s3_uploads.create_multipart_upload,
    ("PUT", True, "uploadId"): s3_uploads.upload_part,
    ("PUT", True, "x-amz-copy-source"): s3_uploads.upload_part_copy,
    ("POST", True, "uploadId"): s3_uploads.complete_multipart_upload,
    ("DELETE", True, "uploadId"): s3_uploads.abort_multipart_upload,
}
DECIDING = ["versioning", "delete", "list-type", "versions", "uploads", "uploadId"]
# What a query may hold besides; another parameter would change what is asked for.
KNOWN = {
    *DECIDING,
    "continuation-token",
    "encoding-type",
    "key-marker",
    "max-keys",
    "max-uploads",
    "partNumber",
    "prefix",
    "start-after",
    "version-id-marker",
    "versionId",
    "x-id",
}


def answer(store: ObjectStore, request: Request) -> Answer:
    try:
        return _operation(request)(store, request)
    except S3Error as error:
        return error_answer(error, request)


def error_answer(error: S3Error, request: Request) -> Answer:
    headers = {"content-type": "application/xml", **error.headers}
    if request.method == "HEAD":
        return Answer(error.status, headers)
    body = document("Error", ("Code", error.code), ("Message", error.message))
    return Answer(error.status, headers, in_memory(body))


def _operation(request: Request) -> Operation:
    if unknown := request.query.keys() - KNOWN:
        raise S3Error("NotImplemented", f"This double knows no {', '.join(sorted(unknown))}")
    asked = (request.method, bool(request.key), _deciding(request))
    if asked not in OPERATIONS:
        raise S3Error("NotImplemented", f"This double knows no {asked}")
    return OPERATIONS[asked]


def _deciding(request: Request) -> str | None:
    if "x-amz-copy-source" in request.headers:
        return "x-amz-copy-source"
    return next((name for name in DECIDING if name in request.query), None)
