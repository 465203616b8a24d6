"""Every page: where its links lead, and whether the commands that it names are there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

ROOT = Path(__file__).parents[2]
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text() for path in (ROOT / "docs").glob("*.md")
}
PAGES["README.md"] = (ROOT / "README.md").read_text()
FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
# Of the command line itself, whatever the operation.
GLOBAL_OPTIONS = {"query", "output", "region", "profile"}
# What stands for no operation of an API, and what is called otherwise there.
OF_THE_COMMAND_LINE = {"s3", "configure"}
SERVICES = {"s3api": "s3", "deploy": "codedeploy"}
OPTIONS = {"notification-endpoint": "endpoint"}

everywhere = pytest.mark.parametrize("page", sorted(PAGES))


def prose(page: str) -> str:
    return FENCED.sub("", PAGES[page])


def commands(page: str) -> str:
    """What a page has people type, a line each: of its blocks, and between backquotes."""
    blocks = [block for kind, block in FENCED.findall(PAGES[page]) if kind in {"sh", ""}]
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(page))]
    return "\n".join([*blocks, *spans]).replace("\\\n", " ")


@everywhere
def test_links_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https://)([^)]+)\)", prose(page))

    assert [link for link in links if not leads_somewhere(ROOT / page, link)] == []


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", prose(page.relative_to(ROOT).as_posix()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@everywhere
def test_the_targets_that_are_named_are_the_makefiles(page: str) -> None:
    makefile = (ROOT / "Makefile").read_text()

    named = re.findall(r"^ *make ([a-z][a-z-]*)", commands(page), re.MULTILINE)

    assert [target for target in named if f"\n{target}:" not in makefile] == []


@everywhere
def test_the_commands_to_aws_are_such_as_there_are(page: str) -> None:
    session = botocore.session.get_session()

    for service, operation, options in aws_commands(page):
        model = session.get_service_model(SERVICES.get(service, service))
        operations = {xform_name(name, "-"): name for name in model.operation_names}
        taken = model.operation_model(operations[operation]).input_shape.members

        assert options <= {xform_name(name, "-") for name in taken} | GLOBAL_OPTIONS


def aws_commands(page: str) -> Iterator[tuple[str, str, set[str]]]:
    for command in re.findall(r"\baws (.+?)(?:\)$|\||$)", commands(page), re.MULTILINE):
        service, operation, *rest = shlex.split(command)
        if service not in OF_THE_COMMAND_LINE and operation != "wait":
            options = {word[2:].removeprefix("no-") for word in rest if word.startswith("--")}
            yield service, operation, {OPTIONS.get(option, option) for option in options}


def test_whatever_is_not_verified_says_how_to_verify_it() -> None:
    _, *sections = re.split(r"^###? .*\n", PAGES["docs/not-verified.md"], flags=re.MULTILINE)

    marks = [re.findall(r"^- \*\*([\w ]+)\*\* ", section, re.MULTILINE) for section in sections]

    told = ["We rely on", "Because", "Check", "Otherwise"]
    assert [mark for mark in marks if mark not in ([], told)] == []
    assert marks.count(told) >= 20
