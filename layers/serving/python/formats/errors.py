"""What makes a file unfit to be scored."""

from __future__ import annotations

from serving.errors import InvalidInputError


class BadFileError(InvalidInputError):
    """The file as a whole cannot be scored; `row` says for which of its rows, where one is to
    blame, counted from 1 within the block that was scored."""

    def __init__(self, message: str, *, row: int | None = None) -> None:
        self.row = row
        super().__init__(message)
