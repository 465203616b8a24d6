"""`python -m registry`: what is done to models before they serve."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from types import ModuleType

from registry import admit, fetch, golden, optimize, train, versions
from registry.errors import RegistryError
from registry.terminal import sum_up
from serving.errors import ServingError

# Each has a docstring of one line, add_options(parser), and run(options), which gives the code.
COMMANDS: dict[str, ModuleType] = {
    "golden": golden,
    "versions": versions,
    "fetch": fetch,
    "optimize": optimize,
    "train": train,
    "admit": admit,
}
FAILED = 2
# What shells make of Ctrl-C.
INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """The command's own code; 2 where it could not do its work."""
    options = _parser().parse_args(arguments)
    try:
        code: int = COMMANDS[options.command].run(options)
    except (RegistryError, ServingError) as error:
        sum_up(str(error))
        return FAILED
    except KeyboardInterrupt:
        sum_up("stopped; it is safe to run the command again")
        return INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m registry", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.__doc__, description=module.__doc__)
        module.add_options(command)
        command.add_argument(
            "--models-dir",
            type=Path,
            default=Path("models"),
            metavar="DIRECTORY",
            help="where models/<name> are (default: %(default)s)",
        )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
