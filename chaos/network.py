"""What the function's clients are connected to: the doubles, and the faults in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from io import BytesIO
from typing import Any, Protocol

import orjson
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError
from urllib3.exceptions import ProtocolError

from chaos import s3_double, sqs_double
from chaos.call import Call
from chaos.cloud import Cloud
from chaos.content import in_memory
from chaos.fault import Fault, Plan
from chaos.json_request import JsonError, JsonRequest
from chaos.laboratory import MODEL
from chaos.partial_failure import without_one_entry, without_one_object
from chaos.s3_error import S3Error
from chaos.s3_request import Answer, Request

THROTTLES = {"s3": "SlowDown", "sqs": "RequestThrottled", "eventbridge": "ThrottlingException"}


class Mortal(Protocol):
    """Who calls, and may die of it."""

    def die(self) -> None:
        """Raises GoneError."""


Observe = Callable[[Call, Fault | None, str], None]


class RawBody(BytesIO):
    """A body as urllib3 hands it over; `is_reset`: the connection breaks at its end."""

    def __init__(self, body: bytes, *, is_reset: bool = False) -> None:
        super().__init__(body)
        self._is_reset = is_reset

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if self._is_reset and not data:
            raise ProtocolError("Connection broken: ConnectionResetError")
        return data

    def stream(self, **_: object) -> Iterator[bytes]:
        while data := self.read():
            yield data


class Network:
    """Answers the calls of every process of one run."""

    def __init__(self, cloud: Cloud, plan: Plan, observe: Observe) -> None:
        self.plan = plan
        self._cloud = cloud
        self._observe = observe
        self._lasting: dict[str, Fault] = {}

    def answer(self, call: Call, process: Mortal) -> AWSResponse:
        """Raises what a connection raises, and GoneError."""
        fault = self._fault(call)
        if fault is Fault.CRASH_BEFORE:
            self._observe(call, fault, "")
            process.die()
        if fault in {Fault.REFUSED, Fault.REFUSED_FOR_GOOD}:
            self._observe(call, fault, "")
            raise EndpointConnectionError(endpoint_url=call.request.url)
        answer = _refusal(call, fault) or self._effect(call, fault)
        self._observe(call, fault, str(answer.status_code))
        if fault is Fault.CRASH_AFTER:
            process.die()
        if fault in {Fault.REPLY_LOST, Fault.REPLY_LOST_FOR_GOOD}:
            raise ConnectionClosedError(endpoint_url=call.request.url)
        return answer

    def _fault(self, call: Call) -> Fault | None:
        fault = self._lasting.get(call.id) or self.plan.strike(call)
        if fault is not None and fault.is_for_good:
            self._lasting[call.id] = fault
        return fault

    def _effect(self, call: Call, fault: Fault | None) -> AWSResponse:
        if call.service == "s3":
            return self._s3(call, fault)
        request = JsonRequest.of(call.headers["x-amz-target"], _body(call))
        try:
            return _json_answer(call, self._json(request, fault))
        except JsonError as error:
            return _json_answer(call, error.body, 400)

    def _json(self, request: JsonRequest, fault: Fault | None) -> dict[str, Any]:
        is_for_a_queue = "QueueUrl" in request.parameters
        of_a_queue = partial(sqs_double.answer, self._cloud.queue, MODEL)
        answer = of_a_queue if is_for_a_queue else self._cloud.bus.answer
        if fault is Fault.ENTRY_FAILED:
            return without_one_entry(request, answer, self._cloud.random)
        return answer(request)

    def _s3(self, call: Call, fault: Fault | None) -> AWSResponse:
        answer = partial(s3_double.answer, self._cloud.store)
        if fault is Fault.ENTRY_FAILED:
            return _s3_answer(
                call, without_one_object(_s3_request(call), answer, self._cloud.random)
            )
        answered = answer(_s3_request(call))
        if fault not in {Fault.TRUNCATED, Fault.RESET}:
            return _s3_answer(call, answered)
        cut = self._cloud.random.randrange(max(answered.content.size, 1))
        return _s3_answer(call, answered, cut=cut, is_reset=fault is Fault.RESET)


def _refusal(call: Call, fault: Fault | None) -> AWSResponse | None:
    """An answer without an effect."""
    if fault in {Fault.THROTTLED, Fault.THROTTLED_FOR_GOOD}:
        code = THROTTLES[call.service]
        if call.service != "s3":
            return _json_answer(call, JsonError(code).body, 400)
        return _s3_error(call, code)
    if fault is Fault.CONFLICT:
        return _s3_error(call, "ConditionalRequestConflict")
    if fault in {Fault.ERROR_IN_200, Fault.ERROR_IN_200_FOR_GOOD}:
        return _s3_error(call, "InternalError")
    return None


def _body(call: Call) -> bytes:
    """botocore has bytes as they are, or in a stream that it can rewind for another attempt."""
    body: Any = call.request.body
    return body.read() if hasattr(body, "read") else body or b""


def _s3_request(call: Call) -> Request:
    content = in_memory(_body(call))
    return Request.of(call.request.method, call.request.url, call.headers, content)


def _s3_error(call: Call, code: str) -> AWSResponse:
    return _s3_answer(call, s3_double.error_answer(S3Error(code), _s3_request(call)))


def _s3_answer(
    call: Call, answer: Answer, *, cut: int | None = None, is_reset: bool = False
) -> AWSResponse:
    body = b"" if call.request.method == "HEAD" else answer.content.read()
    headers = {"content-length": str(answer.content.size), **answer.headers}
    raw = RawBody(body[:cut], is_reset=is_reset)
    return _response(call, answer.status, headers, raw)


def _json_answer(call: Call, document: object, status: int = 200) -> AWSResponse:
    headers = {"content-type": "application/x-amz-json-1.0"}
    return _response(call, status, headers, RawBody(orjson.dumps(document)))


def _response(call: Call, status: int, headers: Mapping[str, str], raw: RawBody) -> AWSResponse:
    told = HTTPHeaders.from_dict(headers)
    return AWSResponse(call.request.url, status, told, raw)
