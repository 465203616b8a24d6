"""Everything the doctor raises on purpose.

DoctorError
├── SelectionError     what was asked for names no stage or model
├── PricesError        a file of prices is not one
└── AnswerError        a function answered something else than it should; carries the status
"""

from __future__ import annotations


class DoctorError(Exception):
    """The base of all errors that the doctor raises on purpose."""


class SelectionError(DoctorError):
    """A stage or a model that is not there."""


class PricesError(DoctorError):
    """A file of prices that cannot be read."""


class AnswerError(DoctorError):
    """`status` is HTTP's: above 499, or 4xx where the function refused what it was sent."""

    def __init__(self, sentence: str, *, status: int) -> None:
        self.status = status
        super().__init__(sentence)
