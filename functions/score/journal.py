"""The score function's log: one line for each announced object or span, its metrics inside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import BotoCoreError, ClientError

from delivery.manifest import Manifest
from delivery.outcome import Outcome, Settlement
from serving.errors import trace_of


class Journal:
    """Writes outcomes; never a key, a cell or a message that may quote one."""

    def __init__(self, logger: Logger, metrics: Metrics) -> None:
        self._logger = logger
        self._metrics = metrics

    def settled(self, settlement: Settlement, *, duration_s: float) -> None:
        outcome, manifest = settlement.outcome, settlement.manifest
        self._count(f"Files{outcome.name.title()}", 1)
        self._metrics.add_metric("Duration", MetricUnit.Milliseconds, 1000 * duration_s)
        is_own = outcome in {Outcome.SUCCEEDED, Outcome.FAILED}
        said = self._measured(manifest) if is_own and manifest is not None else {}
        measured = self._metrics.serialize_metric_set()
        self._metrics.clear_metrics()
        self._logger.info("file", extra={"outcome": outcome, **said, **measured})

    def _measured(self, manifest: Manifest) -> dict[str, object]:
        self._count("Rows", manifest.rows.total)
        self._count("BadRows", manifest.rows.bad)
        output = manifest.output
        size = 0 if output is None else output.size
        self._count("Parts", 0 if output is None else max(len(output.parts), 1))
        self._metrics.add_metric("Bytes", MetricUnit.Bytes, size)
        return {
            "job": manifest.job,
            "source_version": manifest.source.version,
            "rows_total": manifest.rows.total,
            "rows_bad": manifest.rows.bad,
            "output_bytes": size,
        }

    def _count(self, name: str, count: int) -> None:
        self._metrics.add_metric(name, MetricUnit.Count, count)

    def faulted(self, error: Exception, *, message_id: str) -> None:
        self._logger.error(
            "delivery faulted; the message comes again",
            extra={"message_id": message_id, **trace_of(error)},
        )

    @contextmanager
    def trying(self, *, message_id: str) -> Iterator[None]:
        """For what helps but is not needed: a fault in it is told, and no more."""
        try:
            yield
        except (BotoCoreError, ClientError) as error:
            extra = {"message_id": message_id, **trace_of(error)}
            self._logger.warning("the fault could not be followed up", extra=extra)
