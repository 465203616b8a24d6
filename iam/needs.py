"""What each call to AWS needs its caller to be allowed.

The Service Authorization Reference says which actions there are, and on what:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from iam.access import Need
from iam.account import ACCOUNT_ID, arn
from iam.call import Call
from iam.errors import UnknownCallError
from iam.s3_needs import s3_needs

INVOCATION = re.compile(r"/2015-03-31/functions/(arn:[^/]+)/invocations")


def needs_of(call: Call, status: int) -> tuple[str, list[Need]]:
    """The operation, and what it needed to be answered so. Raises UnknownCallError."""
    if call.target is not None:
        return call.target.rpartition(".")[2], [*_of_target(call.target, call)]
    if invocation := INVOCATION.fullmatch(call.path):
        # Qualified, where the caller names a version or an alias.
        return "Invoke", [Need("lambda:InvokeFunction", invocation[1])]
    return s3_needs(call, status)


def _of_target(target: str, call: Call) -> Iterator[Need]:
    if target not in TARGETS:
        raise UnknownCallError(
            f"expected a call that iam/needs.py knows, got {target}; write down there what it needs"
        )
    return TARGETS[target](call)


def _of_queue(action: str) -> Callable[[Call], Iterator[Need]]:
    """A batch of an action needs the action itself."""

    def needs(call: Call) -> Iterator[Need]:
        account, name = call.parameters()["QueueUrl"].split("/")[-2:]
        if account != ACCOUNT_ID:
            raise UnknownCallError(f"expected a queue of account {ACCOUNT_ID}, got {account}")
        yield Need(f"sqs:{action}", arn("sqs", name))

    return needs


def _of_events(call: Call) -> Iterator[Need]:
    buses = {entry.get("EventBusName", "default") for entry in call.parameters()["Entries"]}
    for bus in sorted(buses):
        yield Need("events:PutEvents", arn("events", f"event-bus/{bus}"))


def _of_hook_status(call: Call) -> Iterator[Need]:
    """The deployment's group. The reference above knows no resource of this action, but AWS's own
    examples and constructs scope it so:
    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html
    """
    deployment = call.parameters()["deploymentId"]
    yield Need("codedeploy:PutLifecycleEventHookExecutionStatus", deployment_arn(deployment))


def deployment_arn(deployment_id: str) -> str:
    """Stands for the deployment's group, which the call does not name."""
    return arn("codedeploy", f"deployment:{deployment_id}")


TARGETS: Mapping[str, Callable[[Call], Iterator[Need]]] = {
    "AWSEvents.PutEvents": _of_events,
    "AmazonSQS.ChangeMessageVisibility": _of_queue("ChangeMessageVisibility"),
    "AmazonSQS.DeleteMessage": _of_queue("DeleteMessage"),
    "AmazonSQS.DeleteMessageBatch": _of_queue("DeleteMessage"),
    "AmazonSQS.GetQueueAttributes": _of_queue("GetQueueAttributes"),
    "AmazonSQS.ReceiveMessage": _of_queue("ReceiveMessage"),
    "AmazonSQS.SendMessage": _of_queue("SendMessage"),
    "AmazonSQS.SendMessageBatch": _of_queue("SendMessage"),
    "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus": _of_hook_status,
}
