"""Completion events on EventBridge's default bus."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import orjson

from delivery.manifest import SUFFIX, Manifest

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient

SOURCE = "onnx-lambda"
DETAIL_TYPE = "Scoring Completed"


class PublishError(Exception):
    """EventBridge did not take the event."""


class EventBus:
    def __init__(self, client: EventBridgeClient, *, results_bucket: str) -> None:
        self._client = client
        self._results_bucket = results_bucket

    def completed(self, manifest: Manifest) -> None:
        """Tell of a job's end. Who listens must expect the same job more than once."""
        answer = self._client.put_events(
            Entries=[
                {
                    "Source": SOURCE,
                    "DetailType": DETAIL_TYPE,
                    "Detail": orjson.dumps(self._detail(manifest)).decode(),
                }
            ]
        )
        if answer["FailedEntryCount"]:
            code = answer["Entries"][0].get("ErrorCode")
            raise PublishError(f"job {manifest.job}: expected the event to be taken, got {code}")

    def _detail(self, manifest: Manifest) -> dict[str, object]:
        output, rows = manifest.output, manifest.rows
        return {
            "job": manifest.job,
            "status": manifest.status,
            "model": manifest.model.name,
            "version": manifest.model.version,
            "digest": manifest.model.digest,
            "source": asdict(manifest.source),
            "rows": {"in": rows.total, "ok": rows.ok, "bad": rows.bad},
            "output": output
            and {"bucket": output.bucket, "key": output.key, "version": output.version},
            "manifest": {"bucket": self._results_bucket, "key": manifest.source.key + SUFFIX},
        }
