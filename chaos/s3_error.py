"""What S3 refuses, by its own codes."""

from __future__ import annotations

STATUSES = {
    "BadDigest": 400,
    "EntityTooSmall": 400,
    "InvalidArgument": 400,
    "InvalidPart": 400,
    "InvalidPartOrder": 400,
    "InvalidRequest": 400,
    "MalformedXML": 400,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "NoSuchUpload": 404,
    "NoSuchVersion": 404,
    "MethodNotAllowed": 405,
    "ConditionalRequestConflict": 409,
    "PreconditionFailed": 412,
    "InvalidRange": 416,
    "NotImplemented": 501,
    "SlowDown": 503,
    # What S3 finds out after it has begun to answer with 200.
    "InternalError": 200,
}


class S3Error(Exception):
    """An error answer of S3; its status follows from its code."""

    def __init__(self, code: str, message: str = "", **headers: str) -> None:
        self.code = code
        self.status = STATUSES[code]
        self.message = message or code
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(f"{code}: {self.message}")
