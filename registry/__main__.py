"""`python -m registry`: what is done to models before they serve."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from types import ModuleType

from registry import admit, fetch, golden, optimize, train, versions
from registry.errors import RegistryError
from serving.errors import ServingError
from terminal.command import exit_code, parser_of

# Each has a docstring of one line, add_options(parser), and run(options), which gives the code.
COMMANDS: dict[str, ModuleType] = {
    "golden": golden,
    "versions": versions,
    "fetch": fetch,
    "optimize": optimize,
    "train": train,
    "admit": admit,
}


def main(arguments: list[str]) -> int:
    """The command's own code, or 2 or 130 as `exit_code` gives them."""
    options = parser_of("python -m registry", __doc__, COMMANDS, _add_place).parse_args(arguments)
    return exit_code(
        partial(COMMANDS[options.command].run, options),
        errors=(RegistryError, ServingError),
        when_stopped="stopped; it is safe to run the command again",
    )


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--models-dir",
        type=Path,
        default=Path("models"),
        metavar="DIRECTORY",
        help="where models/<name> are (default: %(default)s)",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
