"""An output against its manifest: versions, sizes, hashes and rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from delivery.errors import SourceGoneError, SupersededError
from delivery.job import Source
from delivery.manifest import Manifest, Output, OutputPart
from functions.score.s3_inbox import S3Inbox
from operations.checked_object import CheckedObject, Slice
from operations.errors import BrokenOutputError
from operations.row_count import count_rows
from operations.wording import counted

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def check_output(s3: S3Client, manifest: Manifest, output: Output) -> None:
    """Read the whole output, in bounded memory. Raises BrokenOutputError."""
    rows = sum(_check_object(s3, item) for item in _objects(output))
    if rows != manifest.rows.total:
        raise BrokenOutputError(
            f"expected {counted(manifest.rows.total, 'row')}, as came in, got {rows:,}"
        )
    size = sum(part.size for part in output.parts)
    if output.parts and size != output.size:
        raise BrokenOutputError(f"expected parts of {output.size} bytes together, got {size}")


# An object by its bucket, key and version, and the slices that it should consist of.
Stated = tuple[Source, list[Slice]]


def _objects(output: Output) -> Iterator[Stated]:
    """The output's one object, or those of its parts where they have keys of their own."""
    if any(part.key is not None for part in output.parts):
        for part in output.parts:
            yield Source(output.bucket, str(part.key), part.version, None), [_slice(part)]
    elif output.sha256 is not None:
        whole = Slice(output.size, output.sha256)
        yield Source(output.bucket, output.key, output.version, None), [whole]
    else:
        slices = [_slice(part) for part in output.parts]
        yield Source(output.bucket, output.key, output.version, None), slices


def _slice(part: OutputPart) -> Slice:
    return Slice(part.size, part.sha256)


def _check_object(s3: S3Client, stated: Stated) -> int:
    """Its rows."""
    source, slices = stated
    try:
        # Any bucket's objects are pinned alike.
        stored = S3Inbox(s3, source.bucket).open(source)
        return count_rows(CheckedObject(stored, slices))
    except SourceGoneError as error:
        raise BrokenOutputError(f"{_named(source)}: expected it there, found nothing") from error
    except SupersededError as error:
        raise BrokenOutputError(f"{_named(source)}: was overwritten while it was read") from error
    except BrokenOutputError as error:
        raise BrokenOutputError(f"{_named(source)}: {error}") from error


def _named(source: Source) -> str:
    version = "" if source.version is None else f", version {source.version}"
    return f"s3://{source.bucket}/{source.key}{version}"
