"""What our layers may hold, and must: each finding a sentence about one file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from images.archive import Entry

Entries = Mapping[PurePosixPath, Entry]

# Everything of ours is below these; an engine may leave the empty directories of its mounts.
PLACES = ("/var/task", "/opt")
FUNCTIONS = "/var/task/functions"
# What is for makers of packages, or was left behind by what installed them.
UNWANTED = re.compile(
    r"/(tests?|\.cache|\.git|\.pytest_cache|\.ruff_cache)/|/(pip|setuptools|wheel)(-[^/]*)?/"
    r"|/conftest\.py$|/\.env$|\.(whl|log|tmp)$"
)
# Keys of AWS, private keys, and passwords in an address.
SECRET = re.compile(
    rb"\b(AKIA|ASIA)[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----|://[^/\s:@]+:[^/\s:@]+@"
)
ALL_READ, ALL_ENTER, OTHERS_WRITE = 0o444, 0o555, 0o022
# https://peps.python.org/pep-0552/: bytecode that is trusted without a look at its source.
UNCHECKED_HASH = (1).to_bytes(4, "little")
# Amazon Linux 2023, which the AWS base image is made of.
GLIBC_MINOR = 34
GLIBC = re.compile(rb"GLIBC_2\.(\d+)\b")


def findings(entries: Entries) -> list[str]:
    return sorted(
        f"{entry.path}: {finding}" for check in CHECKS for entry, finding in check(entries)
    )


Findings = Iterator[tuple[Entry, str]]


def _misplaced(entries: Entries) -> Findings:
    for entry in _files(entries):
        if not entry.path.is_relative_to(PLACES[0]) and not entry.path.is_relative_to(PLACES[1]):
            yield entry, f"expected our files below {' and '.join(PLACES)}, found this one"


def _unwanted(entries: Entries) -> Findings:
    for entry in _files(entries):
        if UNWANTED.search(str(entry.path)):
            yield entry, "expected neither tests, caches nor installers, found this file"


def _secrets(entries: Entries) -> Findings:
    for entry in _files(entries):
        # Packages are installed by their hash: nothing of ours is in them.
        ours = entry.path.is_relative_to("/opt") or entry.path.is_relative_to(FUNCTIONS)
        if ours and SECRET.search(entry.content):
            yield entry, "expected no keys and no passwords, found what looks like one"


def _modes(entries: Entries) -> Findings:
    for entry in entries.values():
        if not entry.path.is_relative_to("/var/task") and not entry.path.is_relative_to("/opt"):
            continue
        needed = ALL_ENTER if entry.is_directory else ALL_READ
        if entry.mode & needed != needed and not entry.is_link:
            yield entry, f"expected it readable to all, got mode {entry.mode:o}"
        if entry.mode & OTHERS_WRITE and not entry.is_link:
            yield entry, f"expected it writable to its owner only, got mode {entry.mode:o}"


def _bytecode(entries: Entries) -> Findings:
    for entry in _files(entries):
        if entry.path.suffix == ".py" and _compiled(entry.path) not in entries:
            yield entry, "expected bytecode beside it, found none"
        if entry.path.suffix == ".pyc" and entry.content[4:8] != UNCHECKED_HASH:
            yield entry, "expected bytecode that is trusted by its hash, found some by its time"


def _compiled(source: PurePosixPath) -> PurePosixPath:
    return source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"


def _libraries(entries: Entries) -> Findings:
    for entry in _files(entries):
        if ".so" in entry.path.suffixes:
            newest = max(map(int, GLIBC.findall(entry.content)), default=0)
            if newest > GLIBC_MINOR:
                yield entry, f"expected a library for glibc 2.{GLIBC_MINOR}, got one for 2.{newest}"


def _files(entries: Entries) -> Iterable[Entry]:
    return (entry for entry in entries.values() if not entry.is_directory)


CHECKS: tuple[Callable[[Entries], Findings], ...] = (
    _misplaced,
    _unwanted,
    _secrets,
    _modes,
    _bytecode,
    _libraries,
)


def bill_findings(entries: Entries) -> list[str]:
    """Whether the bills of materials name exactly what is installed."""
    bills = [e for e in entries.values() if e.path.match("/var/task/bom/*.cdx.json")]
    billed = {
        component["name"] for bill in bills for component in json.loads(bill.content)["components"]
    }
    metadata = (e for e in entries.values() if e.path.match("/var/task/*.dist-info/METADATA"))
    installed = {_name(entry.content) for entry in metadata}
    if billed == installed:
        return []
    different = ", ".join(sorted(billed ^ installed))
    return [f"/var/task/bom: expected what is installed, got a difference in {different}"]


def _name(metadata: bytes) -> str:
    [name] = re.findall(rb"^Name: (\S+)", metadata, re.MULTILINE)[:1]
    return str(name, "utf-8")
