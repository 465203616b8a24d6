"""Chromium, as a person's browser would load a page: its DOM afterwards, and its complaints."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

TIME_FOR_SCRIPTS_MS = 15_000


@dataclass(frozen=True)
class Visit:
    dom: str
    complaints: list[str]


def visit(url: str, profile: Path) -> Visit:
    chromium = shutil.which("chromium")
    assert chromium is not None, "expected chromium on the path: apt-get install chromium"
    process = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            f"--user-data-dir={profile}",
            "--enable-logging=stderr",
            f"--virtual-time-budget={TIME_FOR_SCRIPTS_MS}",
            "--dump-dom",
            url,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    lines = process.stderr.splitlines()
    return Visit(process.stdout, [line for line in lines if ":CONSOLE" in line])
