"""The predict function measured: its start, a row, and the largest request there may be."""

from __future__ import annotations

from typing import NamedTuple

from cdk.deployed_model import DeployedModel
from doctor import http_request
from doctor.run_rows import prepared_mib, run_rows
from doctor.sample import Sample
from doctor.series import Bounds, Failure, Run, Series, escalate
from doctor.starts import Effort, started, typical
from doctor.watched_environment import Start, WatchedEnvironment
from doctor.work import Work
from local.environment import Configuration

WARM_MOST = 100
WARM_S = 0.5


class Online(NamedTuple):
    """`first` is what the first request of a fresh environment takes, `row` any later one of a
    single row, and `most_rows` how many one may bring, of which `run_rows` run at once, and each of
    the others waits as `prepared_mib`. `sample_rows` are known: the golden ones."""

    start: Start
    first: Work
    row: Run
    requests: Series
    sample_rows: int
    most_rows: int
    run_rows: int
    prepared_mib: float
    temporary_bytes: int

    @property
    def failure(self) -> Failure | None:
        """What came to nothing."""
        failure = self.requests.failure
        return None if failure is None or failure.is_refusal else failure

    @property
    def refusal(self) -> Failure | None:
        failure = self.requests.failure
        return failure if failure is not None and failure.is_refusal else None

    @property
    def largest(self) -> Run:
        """Of the requests that are not refused."""
        rows = self.most_rows if self.refusal is None else self.refusal.rows - 1
        return self.at(rows)

    @property
    def sample(self) -> Run:
        """All in one request."""
        return self.at(min(self.sample_rows, self.largest.rows))

    def at(self, rows: int) -> Run:
        """A request of so many; its memory is its own, whatever the start had."""
        growing = min(rows, max(self.run_rows, self.requests.last.rows))
        peak_mib = self.requests.at(growing).peak_mib + (rows - growing) * self.prepared_mib
        return self.requests.at(rows)._replace(peak_mib=peak_mib)


def measure_online(
    model: DeployedModel, configuration: Configuration, sample: Sample, effort: Effort
) -> Online:
    """Raises InvocationError or AnswerError where it does not start, or cannot answer one row."""
    starts = started(configuration, effort.starts - 1)
    with WatchedEnvironment(configuration) as environment:
        starts.append(environment.start)
        client = _Client(model, environment, sample)
        first, row = client.row(), client.warm_row()
        bounds = Bounds(sample.most_rows, effort.run_cpu_s, configuration.memory_mib)
        requests = escalate(client.rows, row._replace(rows=0, work=Work(0, 0)), bounds)
        temporary_bytes = environment.temporary_bytes
    return Online(
        start=typical(starts),
        first=first.work,
        row=row,
        requests=requests,
        sample_rows=len(sample.rows),
        most_rows=sample.most_rows,
        run_rows=run_rows(model, sample.most_rows),
        prepared_mib=prepared_mib(model),
        temporary_bytes=temporary_bytes,
    )


class _Client:
    def __init__(
        self, model: DeployedModel, environment: WatchedEnvironment, sample: Sample
    ) -> None:
        self._model = model
        self._environment = environment
        self._sample = sample

    def row(self) -> Run:
        body = self._sample.json()
        return self._asked(http_request.of_one_row(self._model.name, body), rows=1)

    def warm_row(self) -> Run:
        """On average."""
        runs = [self.row()]
        while len(runs) < WARM_MOST and sum(run.work.cpu_s for run in runs) < WARM_S:
            runs.append(self.row())
        totals = Work(*(sum(seconds) for seconds in zip(*(run.work for run in runs), strict=True)))
        return runs[-1]._replace(work=totals.times(1 / len(runs)))

    def rows(self, rows: int) -> Run:
        return self._asked(
            http_request.of_rows(self._model.name, self._sample.csv(rows)), rows=rows
        )

    def _asked(self, event: bytes, *, rows: int) -> Run:
        answer, work, peak_mib = self._environment.measured(event)
        http_request.require_success(answer)
        if self._model.card.threads == 1:
            # The runtime client's thread and the handler's wait for each other.
            work = Work(work.cpu_s, work.cpu_s)
        return Run(rows, work, peak_mib, len(event), len(answer))
