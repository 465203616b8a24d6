"""What the score function wrote down of a fault, before its message went back to the queue."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from functions.score.fault_notes import PREFIX

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class FaultNote:
    """The last fault of a message: its type, where it arose, and when."""

    error_type: str
    error_frames: tuple[str, ...]
    receive_count: int
    at: str

    def __str__(self) -> str:
        # A frame is its place, and the line of code below.
        place = self.error_frames[-1].strip().partition("\n")[0] if self.error_frames else ""
        return f"{self.error_type}, {self.at}{place and f', {place}'}"

    @classmethod
    def from_json(cls, body: bytes) -> FaultNote:
        document: dict[str, Any] = orjson.loads(body)
        return cls(
            error_type=document["error_type"],
            error_frames=tuple(document["error_frames"]),
            receive_count=document["receive_count"],
            at=document["at"],
        )


def read_note(s3: S3Client, bucket: str, *, model: str, message_id: str) -> FaultNote | None:
    try:
        answer = s3.get_object(Bucket=bucket, Key=f"{PREFIX}{model}/{message_id}.json")
    except s3.exceptions.NoSuchKey:
        return None
    with closing(answer["Body"]) as body:
        return FaultNote.from_json(body.read())
