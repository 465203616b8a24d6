"""Gate: a new version gets no traffic before it has predicted its golden rows.

CodeDeploy asks before it shifts any. It is deployed as this one file.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

import boto3

# What an alias stands for spreads within seconds.
ATTEMPTS = 5
PAUSE_S = 2.0

aws_lambda = boto3.client("lambda")
codedeploy = boto3.client("codedeploy")


class NotReadyError(Exception):
    """The candidate is another than expected, or does not predict as its golden rows say."""


def lambda_handler(event: dict[str, str], context: object) -> None:  # noqa: ARG001 - Lambda's
    status = "Failed"
    try:
        require_ready(os.environ["MODEL_NAME"], os.environ["SCORING_DIGEST"])
        status = "Succeeded"
    finally:
        # Untold, CodeDeploy would wait for an hour.
        codedeploy.put_lifecycle_event_hook_execution_status(
            deploymentId=event["DeploymentId"],
            lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
            status=status,
        )


def require_ready(model: str, digest: str) -> None:
    answer = ask_candidate(f"/v2/models/{model}/ready")
    answered_by = answer.get("headers", {}).get("scoring-digest")
    if (answer.get("statusCode"), answered_by) != (200, digest):
        raise NotReadyError(f"{model}: expected 200 by {digest}, got {answer}")


def ask_candidate(path: str) -> dict[str, Any]:
    """What the version to be rolled out answers to a GET."""
    event = {
        "version": "2.0",
        "rawPath": path,
        "headers": {},
        "requestContext": {"http": {"method": "GET", "path": path}, "requestId": "gate"},
        "isBase64Encoded": False,
    }
    for _ in range(ATTEMPTS):
        reply = aws_lambda.invoke(FunctionName=os.environ["CANDIDATE"], Payload=json.dumps(event))
        if reply["ExecutedVersion"] == os.environ["VERSION"]:
            answer: dict[str, Any] = json.loads(reply["Payload"].read())
            return answer
        time.sleep(PAUSE_S)
    raise NotReadyError(f"expected version {os.environ['VERSION']}, got {reply['ExecutedVersion']}")
