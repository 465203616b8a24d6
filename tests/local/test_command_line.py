"""`python -m local`: what it says, and that it leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from local.assembly import ROOT
from local.port import Port
from tests.local.processes import descendants, gone

if TYPE_CHECKING:
    from tests.local.conftest import WaitUntil


class Serving:
    """`python -m local serve` in a process of its own, on free ports."""

    def __init__(self, log: Path) -> None:
        self.log = log
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local", "serve"],
                cwd=ROOT,
                env=os.environ | {"PORT": "0", "AWS_PORT": "0", "MODELS_DIR": "models"},
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def ready(self) -> bool:
        return "Ctrl-C stops everything" in self.log.read_text()

    @property
    def api_url(self) -> str:
        found = re.search(r"API +(\S+)", self.log.read_text())
        assert found is not None
        return found[1]

    def descendants(self) -> set[int]:
        return descendants(self.process.pid)

    def stop(self, signum: int) -> int:
        self.process.send_signal(signum)
        return self.process.wait(20)


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    serving = Serving(tmp_path / "log")
    yield serving
    serving.process.kill()
    serving.process.wait()


@pytest.mark.parametrize(
    ("signum", "returncode"),
    [
        (signal.SIGINT, 0),
        (signal.SIGTERM, 0),
        (signal.SIGKILL, -signal.SIGKILL),
    ],
)
def test_whatever_stops_it_no_process_stays(
    serving: Serving, wait_until: WaitUntil, signum: int, returncode: int
) -> None:
    wait_until(serving.ready, within_s=60)
    before = serving.descendants()
    httpx.get(f"{serving.api_url}/v2/health/ready").raise_for_status()
    started = serving.descendants()

    code = serving.stop(signum)

    assert code == returncode
    assert len(before) == 1, "only the data plane runs before the first event"
    assert len(started) == 2, "and one function afterwards"
    wait_until(lambda: all(map(gone, started)))


def test_it_can_be_stopped_while_it_starts(serving: Serving, wait_until: WaitUntil) -> None:
    wait_until(lambda: len(serving.descendants()) >= 3)  # the data plane, synthesis, its Node.js
    started = serving.descendants()

    code = serving.stop(signal.SIGTERM)

    assert code == 0
    wait_until(lambda: all(map(gone, started)))


@pytest.mark.parametrize("variable", ["PORT", "AWS_PORT"])
def test_a_port_that_is_taken_is_named_with_its_variable(variable: str) -> None:
    with Port(0, variable).bind() as taken:
        taken.listen()
        number = taken.getsockname()[1]

        done = run("serve", **{"PORT": "0", "AWS_PORT": "0", variable: str(number)})

    assert done.returncode == 1
    assert done.stderr.partition(" ")[2] == (
        f"port {number}: expected it free, but something listens there; "
        f"stop that, or choose another port: {variable}=<port>\n"
    )


def test_one_port_for_both_is_refused() -> None:
    done = run("serve", PORT="18999", AWS_PORT="18999")

    assert done.returncode == 1
    assert done.stderr.partition(" ")[2] == "PORT, AWS_PORT: expected two ports, got 18999 twice\n"


def test_a_port_that_is_no_number_is_refused() -> None:
    done = run("serve", PORT="http")

    assert done.returncode == 1
    assert done.stderr.partition(" ")[2] == (
        "PORT: expected a port number up to 65535, got 'http'\n"
    )


def test_a_models_directory_that_cannot_be_synthesized_says_why(tmp_path: Path) -> None:
    done = run("demo", MODELS_DIR=str(tmp_path / "none"))

    assert done.returncode == 1
    assert done.stderr.partition(" ")[2] == (
        f"{tmp_path}/none: expected a directory of models, found none\n"
    )


def run(command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local", command],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
