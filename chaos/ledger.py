"""The reference model: what was uploaded, and what must have become of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from chaos.bucket import NULL, Version
from chaos.files import File
from delivery.job import Source


@dataclass(slots=True)
class Upload:
    """One version of one object. `is_removed`: nobody can read it any more; `is_overwritten`: since
    another upload took its place, in a bucket without versions. `rescored_under`: the model's
    version that somebody asked a result of, whatever there is."""

    key: str
    version: str | None
    etag: str | None
    file: File
    is_removed: bool = False
    is_overwritten: bool = False
    rescored_under: int | None = None

    @property
    def ending(self) -> str:
        """ "csv.gz" """
        return self.key.rpartition("/")[2].partition(".")[2]

    def is_of(self, source: Source) -> bool:
        """Versions say it alone; without them, etags do."""
        if source.key != self.key:
            return False
        if self.version is None:
            return source.etag == self.etag
        return source.version == self.version


class Ledger:
    """By key, in the order of the uploads."""

    def __init__(self) -> None:
        self.uploads: defaultdict[str, list[Upload]] = defaultdict(list)

    def enter(self, key: str, version: Version, file: File) -> Upload:
        version_id = None if version.id == NULL else version.id
        if version_id is None:
            self.remove_all(key)
            for overwritten in self.uploads[key]:
                overwritten.is_overwritten = True
        upload = Upload(key, version_id, version.etag, file)
        self.uploads[key].append(upload)
        return upload

    def remove_all(self, key: str) -> None:
        for upload in self.uploads[key]:
            upload.is_removed = True

    def __iter__(self) -> Iterator[Upload]:
        return (upload for uploads in self.uploads.values() for upload in uploads)
