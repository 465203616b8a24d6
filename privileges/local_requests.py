"""Every function of the local cloud, asked once: through HTTP, and by a file in the inbox."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from local.cloud import Cloud
from local.demo import INBOX, RESULTS
from privileges.errors import ScenarioError

REQUEST_TIMEOUT_S = 60.0
SCORING_TIMEOUT_S = 60.0


def ask_everything(cloud: Cloud, *, rows: bytes) -> None:
    """`rows`: a CSV file for the only model. Raises ScenarioError."""
    [model] = cloud.models
    for path in ("/", f"/models/{model.name}"):
        answer = httpx.get(cloud.api_url + path, timeout=REQUEST_TIMEOUT_S)
        if not answer.is_success:
            raise ScenarioError(f"{path}: expected an answer, got {answer.status_code}")
    s3 = cloud.data_plane.s3()
    s3.put_object(Bucket=INBOX, Key=f"{model.name}/rows.csv", Body=rows)
    _wait_until(lambda: s3.list_objects_v2(Bucket=RESULTS)["KeyCount"] > 0)
    _wait_until(lambda: _is_settled(cloud, f"{model.name}-queue"))


def _is_settled(cloud: Cloud, queue: str) -> bool:
    sqs = cloud.data_plane.sqs()
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    waiting = counts["ApproximateNumberOfMessages"]
    return waiting == counts["ApproximateNumberOfMessagesNotVisible"] == "0"


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SCORING_TIMEOUT_S
    while not condition():
        if time.monotonic() > deadline:
            raise ScenarioError(f"expected a scored file within {SCORING_TIMEOUT_S:g} s")
        time.sleep(0.1)
