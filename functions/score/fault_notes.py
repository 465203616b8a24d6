"""Notes about deliveries that faulted, for whoever finds their messages among the dead letters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson

from serving.errors import trace_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

PREFIX = ".faults/"


class FaultNotes:
    """In the results bucket, under `.faults/<model>/<message id>.json`: the latest fault of each
    message, without what its error says, which may quote the file."""

    def __init__(self, client: S3Client, bucket: str, *, model: str) -> None:
        self._client = client
        self._bucket = bucket
        self._model = model

    def leave(self, error: Exception, *, message_id: str, received: int) -> None:
        note = {
            "message_id": message_id,
            **trace_of(error),
            "receive_count": received,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        self._client.put_object(
            Bucket=self._bucket,
            Key=f"{PREFIX}{self._model}/{message_id}.json",
            Body=orjson.dumps(note),
            ContentType="application/json",
        )
