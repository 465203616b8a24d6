"""What each call to S3 needs.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from iam.access import OVER_TLS, Need
from iam.call import Call
from iam.errors import UnknownCallError

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"
NOT_FOUND = 404

# What tells operations of the same method apart.
DECIDING = ["x-amz-copy-source", "delete", "list-type", "versions", "uploads", "uploadId"]
# What a query may hold besides: another parameter could make it another operation.
HARMLESS = {
    "continuation-token",
    "encoding-type",
    "key-marker",
    "max-keys",
    "partNumber",
    "prefix",
    "version-id-marker",
    "versionId",
    "x-id",
}
# Headers that need more than the operation itself does: tags, owners, locks, keys.
CONSEQUENTIAL = (
    "x-amz-acl",
    "x-amz-bypass-governance-retention",
    "x-amz-grant-",
    "x-amz-object-lock-",
    "x-amz-server-side-encryption",
    "x-amz-tagging",
    "x-amz-website-redirect-location",
)


class S3Call:
    """Buckets are addressed by path. `status` is what S3 answered."""

    def __init__(self, call: Call, status: int) -> None:
        self.bucket, _, self.key = call.path.removeprefix("/").partition("/")
        self.call = call
        self.status = status

    @property
    def version(self) -> str | None:
        return self.call.query.get("versionId")

    def of_bucket(self, action: str, *context: tuple[str, str]) -> Need:
        return Need(action, f"arn:aws:s3:::{self.bucket}", (OVER_TLS, *context))

    def of_object(self, action: str, key: str | None = None) -> Need:
        return Need(action, f"arn:aws:s3:::{self.bucket}/{key or self.key}")


def s3_needs(call: Call, status: int) -> tuple[str, list[Need]]:
    """Raises UnknownCallError."""
    _refuse_the_unknown(call)
    s3 = S3Call(call, status)
    deciding = next((n for n in DECIDING if n in call.query or n in call.headers), None)
    asked = (call.method, bool(s3.key), deciding)
    if asked not in OPERATIONS:
        raise UnknownCallError(
            f"expected a call that iam/s3_needs.py knows, got {asked}; write down there "
            "what it needs"
        )
    name, needs = OPERATIONS[asked]
    return name, [*needs(s3)]


def _refuse_the_unknown(call: Call) -> None:
    unknown = call.query.keys() - HARMLESS - {*DECIDING}
    unknown |= {name for name in call.headers if name.startswith(CONSEQUENTIAL)}
    if unknown:
        raise UnknownCallError(
            f"nobody has written down what S3 asks for {', '.join(sorted(unknown))}; "
            "iam/s3_needs.py is the place"
        )


def _read(s3: S3Call) -> Iterator[Need]:
    """Whoever may not list the bucket is told 403 of what is not there, in place of 404:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html"""
    yield s3.of_object("s3:GetObject" if s3.version is None else "s3:GetObjectVersion")
    if s3.status == NOT_FOUND:
        yield s3.of_bucket("s3:ListBucket")


def _write(s3: S3Call) -> Iterator[Need]:
    """A comparison of ETags tells what is there, and takes a reader's permission, too:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html"""
    yield s3.of_object("s3:PutObject")
    if "if-match" in s3.call.headers:
        yield s3.of_object("s3:GetObject")


def _copy_part(s3: S3Call) -> Iterator[Need]:
    yield from _write(s3)
    source, _, version = s3.call.headers["x-amz-copy-source"].partition("?versionId=")
    action = "s3:GetObjectVersion" if version else "s3:GetObject"
    yield Need(action, f"arn:aws:s3:::{unquote(source).removeprefix('/')}")


def _delete(s3: S3Call) -> Iterator[Need]:
    yield s3.of_object("s3:DeleteObject" if s3.version is None else "s3:DeleteObjectVersion")


def _delete_many(s3: S3Call) -> Iterator[Need]:
    told = ET.fromstring(s3.call.body)  # noqa: S314 - our own client's
    for entry in told.iter(f"{NAMESPACE}Object"):
        version = entry.find(f"{NAMESPACE}VersionId")
        action = "s3:DeleteObject" if version is None else "s3:DeleteObjectVersion"
        yield s3.of_object(action, entry.findtext(f"{NAMESPACE}Key"))


def _abort(s3: S3Call) -> Iterator[Need]:
    yield s3.of_object("s3:AbortMultipartUpload")


def _list(s3: S3Call) -> Iterator[Need]:
    yield s3.of_bucket("s3:ListBucket", ("s3:prefix", s3.call.query.get("prefix", "")))


def _list_versions(s3: S3Call) -> Iterator[Need]:
    yield s3.of_bucket("s3:ListBucketVersions", ("s3:prefix", s3.call.query.get("prefix", "")))


# By method, by whether there is a key, and by what decides.
OPERATIONS: Mapping[tuple[str, bool, str | None], tuple[str, Callable[[S3Call], Iterator[Need]]]]
OPERATIONS = {
    ("GET", True, None): ("GetObject", _read),
    ("HEAD", True, None): ("HeadObject", _read),
    ("PUT", True, None): ("PutObject", _write),
    ("DELETE", True, None): ("DeleteObject", _delete),
    ("POST", False, "delete"): ("DeleteObjects", _delete_many),
    ("GET", False, "list-type"): ("ListObjectsV2", _list),
    ("GET", False, "versions"): ("ListObjectVersions", _list_versions),
    ("POST", True, "uploads"): ("CreateMultipartUpload", _write),
    ("PUT", True, "uploadId"): ("UploadPart", _write),
    ("PUT", True, "x-amz-copy-source"): ("UploadPartCopy", _copy_part),
    ("POST", True, "uploadId"): ("CompleteMultipartUpload", _write),
    ("DELETE", True, "uploadId"): ("AbortMultipartUpload", _abort),
}
