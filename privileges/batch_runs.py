"""Runs of the batch door under faults, watched: every path that scoring a file can take.

Chaos draws files of all formats, overwritten, deleted and announced twice, inboxes with and without
versions, and crashes at any call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from chaos.call_sites import call_sites
from chaos.laboratory import Laboratory
from chaos.run import run
from iam.call import Call
from iam.recording import Recorder
from privileges.errors import ScenarioError

# The first one puts an object together of parts that are too small to be copied, which few do.
SEEDS = (250, *range(1000))
MINIMUM_RUNS = 100


class WatchedLaboratory(Laboratory):
    """`recorder` sees each call that was answered."""

    def __init__(self, directory: Path, recorder: Recorder) -> None:
        super().__init__(directory)
        self._recorder = recorder

    def send(self, event_name: str, request: AWSPreparedRequest, **context: object) -> AWSResponse:
        answer = super().send(event_name, request, **context)
        call = Call.of(request.method, request.url, dict(request.headers.items()), _body(request))
        self._recorder.witness(call, answer.status_code)
        return answer


def watch_batch_runs(recorder: Recorder, *, seeds: Iterable[int] = SEEDS) -> None:
    """Until every call in the function's source was made. Raises ScenarioError where some never
    was, or a run went wrong, which is chaos's to explain."""
    with TemporaryDirectory() as directory:
        laboratory = WatchedLaboratory(Path(directory), recorder)
        with laboratory.open():
            unmet = call_sites()
            for number, seed in enumerate(seeds):
                if number >= MINIMUM_RUNS and not unmet:
                    return
                unmet -= {site for made in _calls(seed, laboratory) for site in _sites(made, unmet)}
    raise ScenarioError(f"expected every call to be made, never saw {', '.join(sorted(unmet))}")


def _calls(seed: int, laboratory: Laboratory) -> Iterable[str]:
    report = run(seed, laboratory)
    if report.violations:
        raise ScenarioError(f"chaos, seed {seed}: {'; '.join(report.violations)}")
    return report.calls


def _sites(made: str, sites: set[str]) -> Iterator[str]:
    """Of these, those that a call was made from."""
    return (site for site in sites if made.startswith(site))


def _body(request: AWSPreparedRequest) -> bytes:
    """Streams are objects' contents, which nobody asks for."""
    match request.body:
        case str():
            return request.body.encode()
        case bytes():
            return request.body
    return b""
