"""The bill of materials is valid CycloneDX, and names what is installed."""

from __future__ import annotations

import json
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from images.steps.bill import write_bill

METADATA = "Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{more}\n"


def install(packages: Path, name: str, version: str, more: str = "") -> None:
    directory = packages / f"{name}-{version}.dist-info"
    directory.mkdir(parents=True)
    (directory / "METADATA").write_text(METADATA.format(name=name, version=version, more=more))


def test_every_installed_package_is_billed_once(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    install(packages, "numpy", "2.4.6", "License-Expression: BSD-3-Clause AND MIT")
    install(packages, "aws_lambda_powertools", "3.37.0")

    write_bill(packages)

    text = (packages / "bom" / "packages.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert json.loads(text)["components"] == [
        {
            "type": "library",
            "bom-ref": "pkg:pypi/aws-lambda-powertools@3.37.0",
            "name": "aws_lambda_powertools",
            "version": "3.37.0",
            "purl": "pkg:pypi/aws-lambda-powertools@3.37.0",
        },
        {
            "type": "library",
            "bom-ref": "pkg:pypi/numpy@2.4.6",
            "name": "numpy",
            "version": "2.4.6",
            "purl": "pkg:pypi/numpy@2.4.6",
            "licenses": [{"expression": "BSD-3-Clause AND MIT"}],
        },
    ]
