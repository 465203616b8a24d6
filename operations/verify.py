"""Say which results are whole, and results of what is in the inbox now."""

from __future__ import annotations

import argparse

import orjson

from operations.site import Site
from operations.verification import Status, verify
from terminal.output import say, sum_up


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="KEY", help="a key of the inbox, or a prefix of several")
    parser.add_argument("--json", action="store_true", help="a JSON object for each file")


def run(site: Site, options: argparse.Namespace) -> int:
    """1 where any result is not verified."""
    verified = total = 0
    for verdict in verify(site, options.name):
        say(orjson.dumps(verdict.document()).decode() if options.json else verdict.text())
        total += 1
        verified += verdict.status is Status.VERIFIED
    sum_up(f"{verified} of {total} verified")
    return 0 if verified == total else 1
