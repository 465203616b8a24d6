"""What packages bring along and no function reads: tests, headers, doors that are not ours."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

# In every package: for those who test it, compile against it or check types.
EVERYWHERE = ("tests", "conftest.py", "*.pyi", "*.pxd", "*.pyx", "*.pxi", "*.h", "*.hpp", "*.a")

# Whole distributions that onnxruntime asks for, and only its tools for whoever makes models import.
NEVER_IMPORTED = {"flatbuffers", "packaging", "protobuf"}

# By package, as patterns below it. Each matches something, or the build says so and ends.
UNUSED = {
    # Another page about the same document.
    "drf_spectacular_sidecar": ("static/drf_spectacular_sidecar/redoc",),
    "numpy": ("f2py",),
    "onnxruntime": (
        # For programs in C: the extension module has all of it compiled in.
        "capi/libonnxruntime.so*",
        # Tools for whoever makes models.
        "backend",
        "datasets",
        "quantization",
        "tools",
        "transformers",
    ),
    # Routers, with a page of their own; ours is gateway.
    "aws_lambda_powertools": ("event_handler",),
    # Descriptions of services for the `resource` interface; ours are clients.
    "boto3": ("data", "examples"),
    "pyarrow": (
        # Servers and file systems that are not ours: bytes come and go through boto3.
        "_flight*.so",
        "libarrow_flight.so*",
        "libarrow_python_flight.so*",
        "_s3fs*.so",
        "libarrow_s3.so*",
        "_azurefs*.so",
        "_gcsfs*.so",
        "_hdfs*.so",
        # Formats that are not ours.
        "_orc*.so",
        "_dataset_orc*.so",
        "_pyarrow_cpp_tests*.so",
        # A link is a copy in a wheel; the loader asks for the name with the ABI version.
        "libarrow_python.so",
        "libarrow_python.so.*.*.*",
        "src",
    ),
}

# Of the services that botocore describes, those that are called, and where roles come from.
CALLED = {"events", "s3", "sqs", "sts"}


class OutdatedPatternError(Exception):
    """A pattern matches nothing in a package that is installed."""


def leave_out(packages: Path) -> None:
    """Remove it from a directory of installed packages. Raises OutdatedPatternError."""
    for kind in (_never_imported, _everywhere, _by_package, _uncalled):
        for path in [*kind(packages)]:
            _remove(path)


def _never_imported(packages: Path) -> Iterator[Path]:
    """With their metadata: the bill of materials names what is left."""
    for distribution in distributions(path=[str(packages)]):
        if distribution.name in NEVER_IMPORTED:
            yield from {packages / file.parts[0] for file in distribution.files or ()}


def _everywhere(packages: Path) -> Iterator[Path]:
    for pattern in EVERYWHERE:
        yield from packages.glob(f"**/{pattern}")


def _by_package(packages: Path) -> Iterator[Path]:
    for package, patterns in UNUSED.items():
        for pattern in patterns if (packages / package).is_dir() else ():
            matches = list((packages / package).glob(pattern))
            if not matches:
                raise OutdatedPatternError(
                    f"images/steps/unused.py: {package}: expected something that matches "
                    f"{pattern}, found nothing; see what took its place, or remove the pattern"
                )
            yield from matches


def _uncalled(packages: Path) -> Iterator[Path]:
    for path in (packages / "botocore" / "data").glob("*/"):
        if path.is_dir() and path.name not in CALLED:
            yield path


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
