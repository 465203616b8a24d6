"""The bill of materials, in CycloneDX: what is really installed, and not what was asked for.

The standard library is all that an image has to write it with, and a writer installed beside the
packages would be one of them. Tests hold it against the schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def write_bill(packages: Path) -> None:
    """Write bom/<directory>.cdx.json among the packages; the same ones give the same bytes."""
    bill = _bill(packages.name, distributions(path=[str(packages)]))
    path = packages / "bom" / f"{packages.name}.cdx.json"
    path.parent.mkdir()
    path.write_text(json.dumps(bill, indent=1) + "\n")


def _bill(name: str, installed: Iterable[Distribution]) -> Json:
    components = (_component(distribution) for distribution in installed)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": name}},
        "components": sorted(components, key=lambda component: component["bom-ref"]),
    }


def _component(distribution: Distribution) -> Json:
    url = f"pkg:pypi/{distribution.name.lower().replace('_', '-')}@{distribution.version}"
    component: Json = {
        "type": "library",
        "bom-ref": url,
        "name": distribution.name,
        "version": distribution.version,
        "purl": url,
    }
    # Older packages tell their licence in words only, of any length.
    if "License-Expression" in distribution.metadata:
        component["licenses"] = [{"expression": distribution.metadata["License-Expression"]}]
    return component
