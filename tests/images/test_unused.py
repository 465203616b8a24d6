"""What no function reads is left out of images, and what it was is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from images.steps.unused import CALLED, OutdatedPatternError, leave_out


def install(packages: Path, *files: str) -> None:
    for file in files:
        (packages / file).parent.mkdir(parents=True, exist_ok=True)
        (packages / file).touch()


def installed(packages: Path) -> set[str]:
    return {str(path.relative_to(packages)) for path in packages.rglob("*") if path.is_file()}


def test_tests_types_and_headers_of_every_package_are_left_out(tmp_path: Path) -> None:
    install(tmp_path, "a/b.py", "a/tests/test_b.py", "a/b.pyi", "a/include/b.h", "a/conftest.py")

    leave_out(tmp_path)

    assert installed(tmp_path) == {"a/b.py"}


def test_botocore_describes_only_the_services_that_are_called(tmp_path: Path) -> None:
    services = [*CALLED, "ec2", "rds"]
    install(
        tmp_path, "botocore/data/endpoints.json", *(f"botocore/data/{s}/a.json" for s in services)
    )

    leave_out(tmp_path)

    kept = {f"botocore/data/{service}/a.json" for service in CALLED}
    assert installed(tmp_path) == {"botocore/data/endpoints.json", *kept}


def test_a_distribution_that_nothing_imports_goes_with_its_metadata(tmp_path: Path) -> None:
    install(tmp_path, "google/protobuf/message.py", "google/_upb/message.so", "numpy.py")
    metadata = tmp_path / "protobuf-7.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.4\nName: protobuf\nVersion: 7.0\n")
    (metadata / "RECORD").write_text(
        "google/protobuf/message.py,,\ngoogle/_upb/message.so,,\nprotobuf-7.0.dist-info/RECORD,,\n"
    )

    leave_out(tmp_path)

    assert installed(tmp_path) == {"numpy.py"}


def test_a_pattern_that_an_upgrade_has_emptied_ends_the_build(tmp_path: Path) -> None:
    install(tmp_path, "numpy/linalg.py")

    with pytest.raises(OutdatedPatternError, match=r"numpy: expected something that matches f2py"):
        leave_out(tmp_path)
