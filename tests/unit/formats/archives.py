"""Archives in memory, and their bytes as a store gives them."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterator, Sequence

# Names and contents; a folder has none.
Files = Sequence[tuple[str, bytes | None]]


class MemorySource:
    """Remembers which ranges were read of it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.reads: list[tuple[int, int]] = []

    @property
    def size(self) -> int:
        return len(self._data)

    def stream(self, start: int = 0) -> Iterator[bytes]:
        for place in range(start, len(self._data), 999):
            yield self._data[place : place + 999]

    def read(self, start: int, stop: int) -> bytes:
        self.reads.append((start, stop))
        return self._data[start:stop]


def zipped(files: Files, *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files:
            if content is None:
                archive.mkdir(name)
            else:
                archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: Files, *, kind: int = tarfile.PAX_FORMAT, mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    # Its modes are many literals, of which mypy wants one.
    with tarfile.open(fileobj=buffer, mode=mode, format=kind) as archive:  # type: ignore[call-overload]
        for name, content in files:
            header = tarfile.TarInfo(name)
            if content is None:
                header.type = tarfile.DIRTYPE
            header.size = len(content or b"")
            archive.addfile(header, io.BytesIO(content or b""))
    return buffer.getvalue()
