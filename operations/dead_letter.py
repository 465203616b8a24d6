"""A dead letter: what it was about, why it died, and whether its work is done by now."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from delivery.job import Source
from formats.row_file import Span
from operations.fault_note import FaultNote
from operations.wording import counted

NO_NOTE = "no note: the function was killed, or timed out, before it could leave one"


@dataclass(frozen=True, slots=True)
class Subject:
    """A file that a letter is about, or a span of one, and whether its manifest settles it."""

    source: Source
    span: Span | None
    settled: bool

    def __str__(self) -> str:
        source = self.source
        version = f"etag {source.etag}" if source.version is None else f"version {source.version}"
        return f"{source.key}, {version}{self._spanned}"

    @property
    def _spanned(self) -> str:
        if self.span is None:
            return ""
        stop = "the end" if self.span.stop is None else self.span.stop
        return f", from {self.span.start} to {stop}"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """`received` counts what came before this look; those of earlier looks are among them."""

    message_id: str
    body: str
    sent: datetime
    received: int
    subjects: tuple[Subject, ...]
    note: FaultNote | None

    @property
    def is_foreign(self) -> bool:
        """Nothing that the score function was ever to do."""
        return not self.subjects

    @property
    def is_settled(self) -> bool:
        return not self.is_foreign and all(subject.settled for subject in self.subjects)

    @property
    def is_replayable(self) -> bool:
        return not self.is_foreign and not self.is_settled

    def document(self) -> dict[str, Any]:
        return {
            "message_id": self.message_id,
            "sent": self.sent.isoformat(timespec="seconds"),
            "received": self.received,
            "about": [asdict(subject) for subject in self.subjects],
            "note": None if self.note is None else asdict(self.note),
            "foreign": self.is_foreign,
            "settled": self.is_settled,
        }

    def text(self) -> str:
        about = [str(subject) for subject in self.subjects] or ["nothing of ours: left alone"]
        sent = self.sent.isoformat(timespec="seconds")
        lines = [
            f"message {self.message_id}",
            *(f"  about     {subject}" for subject in about),
            f"  sent      {sent}, received {counted(self.received, 'time')}",
        ]
        if not self.is_foreign:
            lines.append(f"  reason    {NO_NOTE if self.note is None else self.note}")
            lines.append(f"  settled   {'by another delivery' if self.is_settled else 'no'}")
        return "\n".join(lines)
