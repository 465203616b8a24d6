"""Authorization: what its role does not allow a function, the data plane refuses, as AWS would.

Each function signs with a key of its own, which is its name. Any other key opens everything.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from functools import cached_property
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request

from iam.access import Access
from iam.call import Call
from iam.grant import grants_of
from iam.needs import needs_of
from iam.policies import Policies
from iam.recording import to_line

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

FORBIDDEN = 403
UNANSWERED = 0


class Authorization:
    """Around what serves S3 and the rest.

    `statements`: a file that says what each function is allowed, there before the first of them
    starts. `calls`: where their calls are written down, if anywhere.
    """

    def __init__(
        self, application: WSGIApplication, statements: Path, *, calls: Path | None = None
    ) -> None:
        self._application = application
        self._statements = statements
        self._calls = calls
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        call = call_of(environ)
        if not self._is_by_a_function(call):
            return self._application(environ, start_response)
        if not self._allows(call, UNANSWERED):
            return _refuse(call, start_response)
        body, status, headers = run_wsgi_app(self._application, environ)
        # Only now is it known whether there was something to find.
        if not self._allows(call, int(status.partition(" ")[0])):
            return _refuse(call, start_response)
        start_response(status, [*headers])
        return body

    def _is_by_a_function(self, call: Call) -> bool:
        return self._statements.exists() and call.access_key in self._policies.principals

    @cached_property
    def _policies(self) -> Policies:
        allowed: dict[str, Any] = json.loads(self._statements.read_bytes())
        return Policies(
            grant
            for function, statements in allowed.items()
            for grant in grants_of(statements, place=function, principal=function)
        )

    def _allows(self, call: Call, status: int) -> bool:
        operation, needs = needs_of(call, status)
        accesses = [Access(str(call.access_key), need) for need in needs]
        refused = [access for access in accesses if not self._policies.allow(access)]
        for access in refused:
            logger.warning("%s: its role does not allow %s", access.principal, access.need.action)
        if refused or status != UNANSWERED:
            self._write_down(accesses, operation)
        return not refused

    def _write_down(self, accesses: Iterable[Access], operation: str) -> None:
        if self._calls is not None:
            with self._lock, self._calls.open("a") as file:
                file.writelines(to_line(access, operation) for access in accesses)


def call_of(environ: WSGIEnvironment) -> Call:
    """Leaves the body to be read again."""
    request = Request(environ)
    body = b""
    # Others are objects' contents, which need nothing and may be large.
    if "x-amz-target" in request.headers or "delete" in request.args:
        body = request.get_data()
        environ["wsgi.input"] = BytesIO(body)
    url = f"{quote(request.path)}?{request.query_string.decode()}"
    return Call.of(request.method, url, dict(request.headers), body)


def _refuse(call: Call, start_response: StartResponse) -> list[bytes]:
    is_json = call.target is not None
    kind = "application/x-amz-json-1.0" if is_json else "application/xml"
    start_response(f"{FORBIDDEN} Forbidden", [("Content-Type", kind)])
    if call.method == "HEAD":
        return []
    if is_json:
        return [b'{"__type": "AccessDeniedException", "message": "Access denied"}']
    return [b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"]
