"""The functions' handlers in no more memory than LIMIT_MIB says, as Lambda would have it.

A module for awslambdaric, which imports it in a process of its own.
"""

from __future__ import annotations

import os
import resource
import signal
import time
from importlib import import_module
from pathlib import Path
from threading import Thread

LIMIT_BYTES = int(os.environ["LIMIT_MIB"]) * 1024 * 1024
LOOKS_EVERY_S = 0.002


def die_beyond_the_limit() -> None:
    """The kernel's own limits count what is reserved too; Lambda's counts what is resident."""
    statm = Path("/proc/self/statm")
    while int(statm.read_text().split()[1]) * resource.getpagesize() <= LIMIT_BYTES:
        time.sleep(LOOKS_EVERY_S)
    os.kill(os.getpid(), signal.SIGKILL)


Thread(target=die_beyond_the_limit, daemon=True).start()
handler = import_module(os.environ["LIMITED"]).lambda_handler
