"""`python -m operations`: for whoever runs the batch door, and for whoever reads its results."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from types import ModuleType

from botocore.exceptions import BotoCoreError, ClientError

from operations import dead_letters, submit, verify
from operations.advice import advice_on
from operations.errors import OperationsError
from operations.site import find_site
from serving.errors import ServingError
from terminal.command import exit_code, parser_of

COMMANDS: dict[str, ModuleType] = {
    "verify": verify,
    "submit": submit,
    "dead-letters": dead_letters,
}


def main(arguments: list[str]) -> int:
    """The command's own code, or 2 or 130 as `exit_code` gives them."""
    parser = parser_of("python -m operations", __doc__, COMMANDS, _add_site_options)
    options = parser.parse_args(arguments)
    return exit_code(
        partial(_run, options),
        errors=(OperationsError, ServingError, BotoCoreError, ClientError),
        when_stopped="stopped; it is safe to run the command again",
        sentence=advice_on,
    )


def _run(options: argparse.Namespace) -> int:
    site = find_site(
        stage=options.stage,
        endpoint_url=options.endpoint_url,
        inbox=options.inbox,
        results=options.results,
    )
    code: int = COMMANDS[options.command].run(site, options)
    return code


def _add_site_options(parser: argparse.ArgumentParser) -> None:
    site = parser.add_argument_group("where", "boto3 finds credentials, region and profile")
    site.add_argument("--stage", help="of cdk.json; otherwise the one that it names")
    site.add_argument(
        "--endpoint-url", help="the local cloud's; otherwise AWS_ENDPOINT_URL, or AWS"
    )
    site.add_argument("--inbox", metavar="BUCKET", help="instead of the stage's")
    site.add_argument("--results", metavar="BUCKET", help="instead of the stage's")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
