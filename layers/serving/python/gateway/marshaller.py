"""orjson in the runtime client: every event is JSON that holds JSON, escaped and parsed twice."""

from __future__ import annotations

import sys
from typing import Any

import orjson


def use_orjson() -> None:
    """Make the runtime client that runs this process read events and write answers with orjson.

    The client's marshaller is an attribute that its source declares open to replacement. Where no
    such client runs (tests, other versions) nothing changes.
    """
    client = sys.modules.get("awslambdaric.lambda_runtime_client")
    base = getattr(client, "BaseLambdaRuntimeClient", None)
    if base is not None and hasattr(base, "marshaller"):
        base.marshaller = OrjsonMarshaller(base.marshaller)


class OrjsonMarshaller:
    """Leaves to the client's own marshaller what orjson refuses: other content types, lone
    surrogates, numbers beyond a double."""

    def __init__(self, fallback: Any) -> None:  # noqa: ANN401 - the client is untyped
        self._fallback = fallback

    def unmarshal_request(self, request: Any, content_type: str = "application/json") -> Any:  # noqa: ANN401
        if content_type == "application/json":
            try:
                return orjson.loads(request)
            except orjson.JSONDecodeError:
                pass
        return self._fallback.unmarshal_request(request, content_type)

    def marshal_response(self, response: Any) -> tuple[Any, str]:  # noqa: ANN401
        try:
            return orjson.dumps(response), "application/json"
        except orjson.JSONEncodeError:
            marshalled: tuple[Any, str] = self._fallback.marshal_response(response)
            return marshalled
