"""What a run leaves behind that no manifest needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chaos.cloud import Cloud
from chaos.verdict import PARTS, manifests_of
from delivery.manifest import SUFFIX, Manifest


@dataclass(frozen=True, slots=True)
class Leftovers:
    """`parts`: versions below `.parts/`; `outputs`: those of no current manifest; `uploads`: those
    in parts that nobody will complete."""

    parts: int
    outputs: int
    uploads: int

    def __bool__(self) -> bool:
        return bool(self.parts or self.outputs or self.uploads)


def leftovers_of(cloud: Cloud) -> Leftovers:
    results = cloud.results
    versions = [(k, v.id) for k, v in results.versions() if v.content is not None]
    keys = {key.removesuffix(SUFFIX) for key, _ in versions if key.endswith(SUFFIX)}
    needed = {found for key in keys for found in _needed(manifests_of(cloud, key)[-1])}
    others = [(k, v) for k, v in versions if not k.endswith(SUFFIX) and not k.startswith(".")]
    return Leftovers(
        parts=sum(key.startswith(PARTS) for key, _ in versions),
        outputs=sum(found not in needed for found in others),
        uploads=len(cloud.store.uploads(results.name).under_way),
    )


def _needed(manifest: Manifest) -> list[tuple[str | None, str | None]]:
    output = manifest.output
    if output is None:
        return []
    return [(output.key, output.version), *((part.key, part.version) for part in output.parts)]


def total(leftovers: Iterable[Leftovers]) -> Leftovers:
    counted = [*leftovers]
    return Leftovers(
        parts=sum(left.parts for left in counted),
        outputs=sum(left.outputs for left in counted),
        uploads=sum(left.uploads for left in counted),
    )
