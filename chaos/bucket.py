"""A bucket: the versions of its objects, and what a conditional write asks of them.

Outcomes are those recorded from S3 itself, where they are known:
https://github.com/localstack/localstack, tests/aws/services/s3/test_s3_api.snapshot.json.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from chaos.content import Content
from chaos.s3_error import S3Error

# The version id of what is not versioned.
NULL = "null"


@dataclass(frozen=True, slots=True)
class Description:
    """What is told of an object besides its bytes."""

    metadata: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "binary/octet-stream"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object; a delete marker has no content."""

    id: str
    written_s: float
    content: Content | None
    description: Description = field(default_factory=Description)

    @property
    def etag(self) -> str | None:
        return None if self.content is None else self.content.etag


@dataclass(frozen=True, slots=True)
class Condition:
    """If-Match and If-None-Match of a write, without quotes."""

    if_match: str | None = None
    if_none_match: str | None = None

    def require(self, current: Version | None, *, changed: bool = False) -> None:
        """`changed`: whether the object is another than when an upload in parts began."""
        if self.if_match is None and self.if_none_match is None:
            return
        if self.if_none_match not in {None, "*"} or self.if_match == "*":
            raise S3Error("NotImplemented", "A header you provided implies functionality that …")
        if self.if_match is not None and self.if_none_match is not None:
            raise S3Error("NotImplemented", "Multiple conditional request headers present")
        self._compare(current)
        if changed:
            raise S3Error("ConditionalRequestConflict", "The conditional request cannot succeed")

    def _compare(self, current: Version | None) -> None:
        if self.if_none_match is not None and current is not None:
            raise S3Error("PreconditionFailed")
        if self.if_match is not None and current is None:
            raise S3Error("NoSuchKey")
        if self.if_match is not None and current is not None and current.etag != self.if_match:
            raise S3Error("PreconditionFailed")


UNCONDITIONAL = Condition()


class Bucket:
    def __init__(
        self,
        name: str,
        *,
        versioned: bool,
        now: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self.name = name
        self.versioned = versioned
        self.now = now
        self.new_id = new_id
        self._objects: dict[str, list[Version]] = {}
        self._changes: dict[str, int] = {}
        self._numbers = count(1)

    def put(
        self,
        key: str,
        content: Content,
        description: Description,
        condition: Condition = UNCONDITIONAL,
        *,
        since: int | None = None,
    ) -> Version:
        """`since`: the `last_change` of the key when this write began."""
        condition.require(
            self.current(key), changed=since is not None and since != self.last_change(key)
        )
        version_id = self.new_id() if self.versioned else NULL
        return self._write(key, Version(version_id, self.now(), content, description))

    def _write(self, key: str, version: Version) -> Version:
        versions = self._objects.setdefault(key, [])
        if version.id == NULL:
            versions[:] = [v for v in versions if v.id != NULL]
        versions.append(version)
        self._changes[key] = next(self._numbers)
        return version

    def last_change(self, key: str) -> int:
        """A number that is another one after every write and deletion."""
        return self._changes.get(key, 0)

    def current(self, key: str) -> Version | None:
        """None also where a delete marker stands."""
        versions = self._objects.get(key)
        return versions[-1] if versions and versions[-1].content is not None else None

    def version(self, key: str, version_id: str | None) -> tuple[Version, Content]:
        """Raises S3Error as a GetObject does."""
        versions = self._objects.get(key, [])
        if version_id is not None:
            versions = [v for v in versions if v.id == version_id]
        if not versions:
            raise S3Error("NoSuchVersion" if version_id else "NoSuchKey")
        found = versions[-1]
        if found.content is None:
            told = {"x_amz_delete_marker": "true", "x_amz_version_id": found.id}
            raise S3Error("MethodNotAllowed" if version_id else "NoSuchKey", **told)
        return found, found.content

    def delete(self, key: str) -> Version | None:
        """The delete marker that was put, in a versioned bucket."""
        if self.versioned:
            return self._write(key, Version(self.new_id(), self.now(), None))
        self.remove(key, NULL)
        return None

    def remove(self, key: str, version_id: str) -> None:
        """Remove one version for good; nothing where it is gone already."""
        left = [v for v in self._objects.get(key, []) if v.id != version_id]
        if len(left) != len(self._objects.get(key, [])):
            self._changes[key] = next(self._numbers)
        if left:
            self._objects[key] = left
        else:
            self._objects.pop(key, None)

    def objects(self, prefix: str = "") -> Iterator[tuple[str, Version]]:
        """What a listing shows, in its order."""
        for key in self._keys(prefix):
            current = self.current(key)
            if current is not None:
                yield key, current

    def versions(self, prefix: str = "") -> Iterator[tuple[str, Version]]:
        """All versions, delete markers too: by key, then from the latest to the first."""
        for key in self._keys(prefix):
            for version in reversed(self._objects[key]):
                yield key, version

    def _keys(self, prefix: str) -> list[str]:
        return sorted((k for k in self._objects if k.startswith(prefix)), key=str.encode)
