"""A command: what it is told, and the code that its process ends with."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from types import ModuleType

from terminal.output import sum_up

# It could not do its work; 1 is left to what a command finds.
FAILED = 2
# What shells make of Ctrl-C.
INTERRUPTED = 130


def exit_code(
    work: Callable[[], int],
    *,
    errors: tuple[type[Exception], ...],
    when_stopped: str,
    sentence: Callable[[Exception], str] = str,
) -> int:
    """What `work` returns; 2 after one of `errors`, whose sentence is told, 130 after Ctrl-C."""
    try:
        return work()
    except errors as error:
        sum_up(sentence(error))
        return FAILED
    except KeyboardInterrupt:
        sum_up(when_stopped)
        return INTERRUPTED


def parser_of(
    prog: str,
    description: str | None,
    commands: Mapping[str, ModuleType],
    add_common_options: Callable[[argparse.ArgumentParser], object],
) -> argparse.ArgumentParser:
    """Each command has a docstring of one line and `add_options(parser)`; the options have its name
    as `command`."""
    parser = argparse.ArgumentParser(prog=prog, description=description)
    subparsers = parser.add_subparsers(dest="command", required=True)
    for name, module in commands.items():
        command = subparsers.add_parser(name, help=module.__doc__, description=module.__doc__)
        module.add_options(command)
        add_common_options(command)
    return parser
