"""What S3's refusals mean."""

from __future__ import annotations

from botocore.exceptions import ClientError

# A version id that names a delete marker answers 405.
GONE = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "404", "405"})
CHANGED = frozenset({"PreconditionFailed", "412"})
# 409: another conditional write to the same key was under way. 404: If-Match found no object.
CONFLICT = frozenset({*CHANGED, "ConditionalRequestConflict", "409", "NoSuchKey", "404"})


def code_of(error: ClientError) -> str:
    """HEAD requests answer with the status alone, for want of a body."""
    return error.response.get("Error", {}).get("Code", "")
