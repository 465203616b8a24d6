"""`python -m operations`: for whoever runs the batch door, and for whoever reads its results."""

from __future__ import annotations

import argparse
import sys
from types import ModuleType

from botocore.exceptions import BotoCoreError, ClientError

from operations import dead_letters, submit, verify
from operations.advice import advice_on
from operations.errors import OperationsError
from operations.site import default_stage, find_site
from operations.terminal import sum_up

COMMANDS: dict[str, ModuleType] = {
    "verify": verify,
    "submit": submit,
    "dead-letters": dead_letters,
}
FAILED = 2
# What shells make of Ctrl-C.
INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """The command's own code; 2 where it could not do its work."""
    options = _parser().parse_args(arguments)
    try:
        site = find_site(
            stage=options.stage,
            endpoint_url=options.endpoint_url,
            inbox=options.inbox,
            results=options.results,
        )
        code: int = COMMANDS[options.command].run(site, options)
    except OperationsError as error:
        sum_up(str(error))
        return FAILED
    except (BotoCoreError, ClientError) as error:
        sum_up(advice_on(error))
        return FAILED
    except KeyboardInterrupt:
        sum_up("stopped; it is safe to run the command again")
        return INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m operations", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.__doc__, description=module.__doc__)
        module.add_options(command)
        _add_site_options(command)
    return parser


def _add_site_options(parser: argparse.ArgumentParser) -> None:
    site = parser.add_argument_group("where", "boto3 finds credentials, region and profile")
    site.add_argument("--stage", help=f"of cdk.json; otherwise {default_stage()}")
    site.add_argument(
        "--endpoint-url", help="the local cloud's; otherwise AWS_ENDPOINT_URL, or AWS"
    )
    site.add_argument("--inbox", metavar="BUCKET", help="instead of the stage's")
    site.add_argument("--results", metavar="BUCKET", help="instead of the stage's")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
