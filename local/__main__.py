"""The command line: `python -m local serve` and `python -m local demo`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from local.assembly import ROOT
from local.cloud import Cloud
from local.demo import show
from local.errors import LocalCloudError
from local.port import Port
from local.welcome import welcome
from terminal.signals import stop_at_signals

logger = logging.getLogger("local")


def serve(environ: Mapping[str, str]) -> None:
    """The local cloud, until Ctrl-C."""
    api_port = Port.from_env(environ, "PORT", default=8080)
    aws_port = Port.from_env(environ, "AWS_PORT", default=9000)
    if api_port.number == aws_port.number != 0:
        raise LocalCloudError(f"PORT, AWS_PORT: expected two ports, got {api_port.number} twice")
    with Cloud(models_directory(environ), api_port=api_port, aws_port=aws_port) as cloud:
        logger.info("%s", welcome(cloud))
        signal.pause()


def demo(environ: Mapping[str, str]) -> None:
    """One online prediction and one scored file, on a cloud that starts and stops."""
    free = Port(0, "PORT")
    with Cloud(models_directory(environ), api_port=free, aws_port=free) as cloud:
        show(cloud)


def models_directory(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("MODELS_DIR") or ROOT / "models")


COMMANDS = {"serve": serve, "demo": demo}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        commands.add_parser(name, help=command.__doc__)
    command = COMMANDS[parser.parse_args(arguments).command]

    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S", level=logging.WARNING)
    logger.setLevel(logging.INFO)
    stop_at_signals()
    try:
        command(os.environ)
    except KeyboardInterrupt:
        logger.info("stopped")
    except LocalCloudError as error:
        logger.error("%s", error)  # noqa: TRY400 - it is a sentence for the user
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
