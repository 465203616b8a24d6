"""An execution environment: one process of the official runtime, serving one event at a time."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from iam.account import REGION, arn
from local.credentials import CREDENTIALS
from local.errors import FunctionCrashedError, FunctionRaisedError, FunctionTimedOutError
from local.log_line import readable
from local.runtime_api import Answered, Exited, Failed, Idle, Invocation, Mailbox, RuntimeApi

logger = logging.getLogger(__name__)

# Lambda gives up after 10 s and tries again within the first invocation's timeout; a laptop that
# reads a large model from a cold disk is given its time.
INIT_TIMEOUT_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What the template and the image say about a function; the defaults are Lambda's."""

    handler: str
    name: str = "function"
    directory: Path
    python_path: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 3.0
    memory_mib: int = 128

    @property
    def arn(self) -> str:
        return arn("lambda", f"function:{self.name}")


class Environment:
    """Raises FunctionCrashedError, FunctionTimedOutError or FunctionRaisedError.

    After the first two the process is gone, and the environment is only good for `close`.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._killed = False
        self._mailbox: Mailbox = SimpleQueue()
        self._api = RuntimeApi(self._mailbox)
        self._process = self._start()
        self._threads = [Thread(target=self._relay_output), Thread(target=self._await_exit)]
        for thread in self._threads:
            thread.start()

    @property
    def usable(self) -> bool:
        """Whether it can take another event; its process may have ended since its last answer."""
        return not self._killed and self._process.poll() is None

    def wait_until_idle(self) -> None:
        """Wait until the runtime asks for an invocation: after its start, or after an answer."""
        notice = self._next_notice(INIT_TIMEOUT_S, "a request for work")
        if not isinstance(notice, Idle):
            self.kill()
            raise FunctionCrashedError(f"{self._configuration.name}: {notice}")

    def invoke(self, event: bytes) -> bytes:
        """The handler's answer to an event, both as JSON text; only when idle."""
        timeout_s = self._configuration.timeout_s
        self._api.hand_over(
            Invocation(
                request_id=str(uuid.uuid4()),
                event=event,
                deadline_ms=int((time.time() + timeout_s) * 1000),
                function_arn=self._configuration.arn,
            )
        )
        match self._next_notice(timeout_s, "an answer"):
            case Answered(payload):
                return payload
            case Failed(error):
                raise FunctionRaisedError(f"{self._configuration.name}: {error}")
            case Idle():
                self.kill()
                raise FunctionCrashedError(
                    f"{self._configuration.name}: expected an answer, got a request for work"
                )

    def kill(self) -> None:
        """End the process and all that it started, at once."""
        self._killed = True
        if self._process.poll() is None:
            self._kill_group()

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        self.kill()
        self._api.close()
        for thread in self._threads:
            thread.join()

    def _next_notice(self, timeout_s: float, expected: str) -> Idle | Answered | Failed:
        name = self._configuration.name
        try:
            notice = self._mailbox.get(timeout=timeout_s)
        except Empty:
            self.kill()
            raise FunctionTimedOutError(
                f"{name}: expected {expected} within {timeout_s:g} s, got none; process killed"
            ) from None
        if isinstance(notice, Exited):
            raise FunctionCrashedError(
                f"{name}: expected {expected}, got the end of its process ({_cause(notice)})"
            )
        return notice

    def _start(self) -> subprocess.Popen[str]:
        return spawn(
            [sys.executable, "-m", "awslambdaric", self._configuration.handler],
            directory=self._configuration.directory,
            variables=self._variables(),
        )

    def _variables(self) -> dict[str, str]:
        configuration = self._configuration
        search = (configuration.directory, *configuration.python_path)
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": os.pathsep.join(map(str, search)),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            **CREDENTIALS,
            # The data plane knows by it whose call it is.
            "AWS_ACCESS_KEY_ID": configuration.name,
            # As in the images: awslambdaric encodes answers differently before Python 3.12.
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_FUNCTION_NAME": configuration.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration.memory_mib),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{configuration.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "local",
            "LAMBDA_TASK_ROOT": str(configuration.directory),
            "_HANDLER": configuration.handler,
            **configuration.variables,
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
        }

    def _relay_output(self) -> None:
        stdout = self._process.stdout
        if stdout is None:
            return
        with stdout:
            for line in stdout:
                if text := readable(line.rstrip()):
                    logger.info("%s | %s", self._configuration.name, text)

    def _await_exit(self) -> None:
        returncode = self._process.wait()
        self._kill_group()  # what it started and left behind
        self._mailbox.put(Exited(returncode))


def spawn(
    command: Sequence[str],
    *,
    directory: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    """A process whose output is one stream of text; None: as of this process."""
    return subprocess.Popen(
        command,
        cwd=directory,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        # Its own group: killed as a whole, and spared by the terminal's Ctrl-C.
        start_new_session=True,
    )


def _cause(exited: Exited) -> str:
    if exited.returncode < 0:
        return f"signal {signal.Signals(-exited.returncode).name}"
    return f"exit code {exited.returncode}"
