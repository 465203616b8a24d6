"""Functions run under the official runtime; what goes wrong costs one invocation only."""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.errors import (
    EventTooLargeError,
    FunctionClosedError,
    FunctionCrashedError,
    FunctionRaisedError,
    FunctionTimedOutError,
)
from tests.local.processes import gone

if TYPE_CHECKING:
    from tests.local.conftest import FunctionOf, WaitUntil

TROUBLE = """
    import os, signal, sys, time

    def handler(event, context):
        match event:
            case "pid":
                return os.getpid()
            case "raise":
                raise ValueError("no such house")
            case "exit":
                sys.exit(3)
            case "exit at once":
                os._exit(4)
            case "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "hang":
                time.sleep(3600)
            case "surrogate":
                return "\\ud800"
            case "unserializable":
                return object()
            case "too much":
                return "x" * 6_291_556
        return event
"""


def test_the_answer_is_what_the_handler_returns(function_of: FunctionOf) -> None:
    function = function_of(TROUBLE)

    answer = function.invoke({"rows": [1, "zwei", None]})

    assert json.loads(answer) == {"rows": [1, "zwei", None]}


@pytest.mark.parametrize(
    ("event", "error", "sentence"),
    [
        ("raise", FunctionRaisedError, "function: ValueError: no such house"),
        (
            "exit",
            FunctionCrashedError,
            "function: expected an answer, got the end of its process (exit code 3)",
        ),
        (
            "exit at once",
            FunctionCrashedError,
            "function: expected an answer, got the end of its process (exit code 4)",
        ),
        (
            "crash",
            FunctionCrashedError,
            "function: expected an answer, got the end of its process (signal SIGSEGV)",
        ),
        (
            "hang",
            FunctionTimedOutError,
            "function: expected an answer within 1 s, got none; process killed",
        ),
        (
            "surrogate",
            FunctionCrashedError,
            "function: expected an answer, got the end of its process (exit code 1)",
        ),
        (
            "unserializable",
            FunctionRaisedError,
            (
                "function: Runtime.MarshalError: Unable to marshal response: "
                "Object of type object is not JSON serializable"
            ),
        ),
        (
            "too much",
            FunctionRaisedError,
            (
                "function: Function.ResponseSizeTooLarge: expected an answer of at most "
                "6291556 bytes, got 6291558"
            ),
        ),
    ],
)
def test_what_goes_wrong_costs_its_own_invocation_only(
    function_of: FunctionOf, event: str, error: type[Exception], sentence: str
) -> None:
    function = function_of(TROUBLE, timeout_s=1)

    with pytest.raises(error) as raised:
        function.invoke(event)
    afterwards = function.invoke("still there")

    assert str(raised.value) == sentence
    assert json.loads(afterwards) == "still there"


def test_an_environment_is_reused_while_it_lives(function_of: FunctionOf) -> None:
    function = function_of(TROUBLE)

    first, second = function.invoke("pid"), function.invoke("pid")

    assert first == second


def test_a_handler_that_raises_keeps_its_environment(function_of: FunctionOf) -> None:
    function = function_of(TROUBLE)
    before = function.invoke("pid")

    with pytest.raises(FunctionRaisedError):
        function.invoke("raise")

    assert function.invoke("pid") == before


def test_an_environment_that_ended_between_events_costs_none_of_them(
    function_of: FunctionOf, wait_until: WaitUntil
) -> None:
    function = function_of(TROUBLE)
    pid = json.loads(function.invoke("pid"))
    function.kill()
    wait_until(lambda: gone(pid))

    answer = function.invoke("here")

    assert json.loads(answer) == "here"


def test_a_timeout_kills_what_the_function_started(
    function_of: FunctionOf, tmp_path: Path, wait_until: WaitUntil
) -> None:
    function = function_of(
        """
        import os, pathlib, subprocess, time

        def handler(event, context):
            child = subprocess.Popen(["sleep", "3600"])
            pathlib.Path("child").write_text(str(child.pid))
            time.sleep(3600)
        """,
        timeout_s=1,
    )

    with pytest.raises(FunctionTimedOutError):
        function.invoke(None)

    wait_until(lambda: gone(int((tmp_path / "child").read_text())))


def test_a_killed_invocation_is_a_crash(
    function_of: FunctionOf, tmp_path: Path, wait_until: WaitUntil
) -> None:
    function = function_of(
        """
        import pathlib, time

        def handler(event, context):
            pathlib.Path("started").touch()
            time.sleep(3600)
        """,
        timeout_s=60,
    )

    with ThreadPoolExecutor() as pool:
        invocation = pool.submit(function.invoke, None)
        wait_until((tmp_path / "started").exists)
        function.kill()

    assert str(invocation.exception()) == (
        "function: expected an answer, got the end of its process (signal SIGKILL)"
    )


def test_no_process_starts_before_the_first_event(function_of: FunctionOf, tmp_path: Path) -> None:
    function = function_of(
        """
        import pathlib
        pathlib.Path("imported").touch()
        def handler(event, context): pass
        """
    )
    started_early = (tmp_path / "imported").exists()

    function.invoke(None)

    assert not started_early
    assert (tmp_path / "imported").exists()


def test_excess_events_wait_for_one_of_the_environments(function_of: FunctionOf) -> None:
    function = function_of(
        """
        import os, time
        def handler(event, context):
            time.sleep(0.05)
            return os.getpid()
        """,
        concurrency=2,
    )

    with ThreadPoolExecutor(8) as pool:
        pids = set(pool.map(function.invoke, range(8)))

    assert len(pids) == 2


def test_an_event_above_lambdas_limit_is_refused(function_of: FunctionOf) -> None:
    function = function_of(TROUBLE)

    with pytest.raises(EventTooLargeError) as raised:
        function.invoke("x" * 6_291_555)

    assert str(raised.value) == (
        "function: expected an event of at most 6291556 bytes, got 6291557"
    )


def test_a_closed_function_leaves_no_process_and_starts_none(function_of: FunctionOf) -> None:
    function = function_of(TROUBLE)
    pid = json.loads(function.invoke("pid"))

    function.close()

    assert gone(pid)
    with pytest.raises(FunctionClosedError):
        function.invoke("anyone?")


def test_an_environment_that_is_killed_while_idle_costs_no_event(
    function_of: FunctionOf, wait_until: WaitUntil
) -> None:
    with function_of(TROUBLE, timeout_s=10) as function:
        first = int(function.invoke("pid"))
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: gone(first))

        second = int(function.invoke("pid"))

    assert second != first
