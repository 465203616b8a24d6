"""Ours from end to end: the score function under the official runtime client, and S3 as a server.

What that server takes of the processor is S3's, and not counted; nor is the time in which an object
is put into the inbox and its result fetched.
"""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Thread
from typing import Any

from bench.batch.contestants import Contestant
from bench.batch.turn import Files, Turn
from bench.contestant import ROOT, ContestError, LambdaContestant
from bench.field import LAYER
from bench.large_files import watched
from chaos.bucket import Description, Version
from chaos.content import in_file
from chaos.notifications import record_of
from chaos.object_store import ObjectStore
from chaos.server import S3Server
from iam.account import REGION, arn
from local.credentials import CREDENTIALS
from local.data_plane import DataPlane
from local.port import Port
from local.runtime_api import Answered, Invocation

MIB = 1024 * 1024
TIMEOUT_S = 900
# As deployed; only that a file is scored by one function, however large.
SETTINGS = {"PART_BYTES": str(64 * MIB), "SPLIT_BYTES": str(1024 * 1024 * MIB)}


class ScoreFunction(Contestant):
    """Loaded with one model; its objects lie in `directory`."""

    def __init__(self, model: Path, directory: Path) -> None:
        self._model = model.parent.name
        self._store = ObjectStore()
        self._inbox = self._store.create_bucket("inbox", versioned=True)
        self._results = self._store.create_bucket("results", versioned=True)
        self._directory = directory
        with ExitStack() as stack:
            server = stack.enter_context(S3Server(0, directory, self._store))
            Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
            others = stack.enter_context(DataPlane(Port(0, "AWS_PORT")))
            self._peaks = stack.enter_context(watched())
            variables = _variables(model, server.url, others.endpoint)
            self._function = stack.enter_context(_Function(variables))
            self._stack = stack.pop_all()

    def turn(self, files: Files) -> Turn:
        wall_s = cpu_s = 0.0
        for source in files.sources:
            key = f"{self._model}/{source.name}"
            message = self._message(key, self._put(source, key))
            began_s, used_s = time.perf_counter(), self._function.cpu_s()
            self._function.score(message)
            wall_s += time.perf_counter() - began_s
            cpu_s += self._function.cpu_s() - used_s
            self._fetch(key, files.target)
        return Turn(wall_s, cpu_s, max(self._peaks.values()) / 1024)

    def stop(self) -> None:
        self._stack.close()

    def _put(self, source: Path, key: str) -> Version:
        with source.open("rb") as file:
            content = in_file(self._directory, iter(lambda: file.read(MIB), b""))
        return self._inbox.put(key, content, Description())

    def _message(self, key: str, version: Version) -> dict[str, Any]:
        """The message of a queue that tells of the object."""
        event: dict[str, Any] = json.loads((ROOT / "events/score_two_files.json").read_bytes())
        message: dict[str, Any] = event["Records"][0]
        record = record_of("ObjectCreated:Put", self._inbox.name, key, version)
        return message | {"body": json.dumps({"Records": [record]})}

    def _fetch(self, key: str, target: Path) -> None:
        """Move the result to a file; its bytes and the source's are given back to the disk."""
        result = self._results.current(key)
        if result is None or result.content is None:
            raise ContestError(f"expected {key} in the results, got none")
        with target.open("wb") as out:
            out.writelines(result.content.chunks())
        for bucket in (self._inbox, self._results):
            for stored_key, version in [*bucket.versions()]:
                bucket.remove(stored_key, version.id)


class _Function(LambdaContestant):
    def __init__(self, variables: dict[str, str]) -> None:
        handler = "functions.score.handler.lambda_handler"
        super().__init__(handler, search=LAYER, variables=variables)

    def score(self, message: dict[str, Any]) -> None:
        self._api.hand_over(
            Invocation(
                request_id="8f5075b6-6ab5-4c7f-9d3a-0d3ee1e2a1b6",
                event=json.dumps({"Records": [message]}).encode(),
                deadline_ms=int((time.time() + TIMEOUT_S) * 1000),
                function_arn=arn("lambda", "function:bench"),
            )
        )
        notice = self._mailbox.get(timeout=TIMEOUT_S)
        if not isinstance(notice, Answered) or json.loads(notice.payload)["batchItemFailures"]:
            raise ContestError(f"expected an answer without failures, got {notice}")
        self._expect_idle()


def _variables(model: Path, s3_url: str, other_url: str) -> dict[str, str]:
    return {
        **SETTINGS,
        **CREDENTIALS,
        "AWS_DEFAULT_REGION": REGION,
        "MODEL_DIR": str(model),
        "INBOX_BUCKET": "inbox",
        "RESULTS_BUCKET": "results",
        "QUEUE_ARN": arn("sqs", "bench"),
        "AWS_ENDPOINT_URL": other_url,
        "AWS_ENDPOINT_URL_S3": s3_url,
    }
