"""The score function's log: one line for each announced object, with its metrics inside."""

from __future__ import annotations

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from delivery.delivery import Outcome
from delivery.manifest import Manifest
from serving.errors import trace_of


class Journal:
    """Writes outcomes; never a key, a cell or a message that may quote one."""

    def __init__(self, logger: Logger, metrics: Metrics) -> None:
        self._logger = logger
        self._metrics = metrics

    def settled(self, outcome: Outcome, manifest: Manifest | None) -> None:
        self._metrics.add_metric(f"Files{outcome.name.title()}", MetricUnit.Count, 1)
        said = {"outcome": outcome, **self._counts(manifest)}
        measured = self._metrics.serialize_metric_set()
        self._metrics.clear_metrics()
        self._logger.info("file", extra={**said, **measured})

    def _counts(self, manifest: Manifest | None) -> dict[str, object]:
        if manifest is None:
            return {}
        self._metrics.add_metric("Rows", MetricUnit.Count, manifest.rows.total)
        self._metrics.add_metric("BadRows", MetricUnit.Count, manifest.rows.bad)
        return {
            "job": manifest.job,
            "source_version": manifest.source.version,
            "rows_total": manifest.rows.total,
            "rows_bad": manifest.rows.bad,
            "output_bytes": 0 if manifest.output is None else manifest.output.size,
        }

    def faulted(self, error: Exception, *, message_id: str) -> None:
        self._logger.error(
            "delivery faulted; the message comes again",
            extra={"message_id": message_id, **trace_of(error)},
        )
