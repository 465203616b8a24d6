"""What ends or turns a delivery.

ServingError
└── InvalidInputError
    └── BadFileError        the uploader: the file cannot be scored; a failed manifest says why
DeliveryError
├── SourceGoneError         the object was deleted before it was scored
├── SupersededError         the object was overwritten; the later upload has its own message
├── ConflictError           somebody else wrote first: read back and decide again
└── DisagreementError       two scorings of one job differ: somebody must look
Anything else is a transient fault, and the message comes again.
"""

from __future__ import annotations

from serving.errors import InvalidInputError


class BadFileError(InvalidInputError):
    """The file as a whole cannot be scored; `row` says for which of its rows, where one is to
    blame, counted from 1 within the block that was scored."""

    def __init__(self, message: str, *, row: int | None = None) -> None:
        self.row = row
        super().__init__(message)


class DeliveryError(Exception):
    """The base of what storage and concurrent deliveries can answer."""


class SourceGoneError(DeliveryError):
    """The object, or the version that the message names, no longer exists."""


class SupersededError(DeliveryError):
    """The unversioned object holds other bytes than the message announced."""


class ConflictError(DeliveryError):
    """A conditional write found another object than it was to replace."""


class DisagreementError(DeliveryError):
    """Another delivery of the same job committed another number of rows."""
