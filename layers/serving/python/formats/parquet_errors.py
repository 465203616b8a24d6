"""What keeps a Parquet file from being read."""

from __future__ import annotations

import pyarrow as pa

from formats.errors import BadFileError

# What pyarrow raises: an OSError for corrupt data, a ValueError for text that is not UTF-8, or an
# error of its own.
UNREADABLE = (pa.ArrowException, OSError, ValueError)


def damaged(got: str) -> BadFileError:
    return BadFileError(f"expected a whole Parquet file, got {got}; write it again")


def encrypted() -> BadFileError:
    return BadFileError("expected a Parquet file that is not encrypted, got an encrypted one")
