"""A deployment's gate, watched: it runs as Lambda runs it, against a stand-in of what it calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx

from iam.call import Call
from iam.recording import Recorder
from local.assembly import ROOT
from local.cloud import Cloud
from local.environment import Configuration
from local.function import Function
from local.stage import Stage
from local.template import Resource

HANDLER = "functions.gate.handler.lambda_handler"
DEPLOYMENT = "d-1"
EVENT = {"DeploymentId": DEPLOYMENT, "LifecycleEventHookExecutionId": "e-1"}


class ControlPlane(ThreadingHTTPServer):
    """Lambda and CodeDeploy, as far as a gate asks: the candidate is what the cloud serves."""

    def __init__(self, cloud: Cloud, *, version: str, recorder: Recorder) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.api_url = cloud.api_url
        self.version = version
        self.recorder = recorder

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Connection(BaseHTTPRequestHandler):
    server: ControlPlane

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        call = Call.of("POST", self.path, dict(self.headers), body)
        answer = self._candidates(json.loads(body)) if call.target is None else {}
        self.send_response(200)
        self.send_header("X-Amz-Executed-Version", self.server.version)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())
        self.server.recorder.witness(call, 200)

    def _candidates(self, event: dict[str, str]) -> dict[str, object]:
        answer = httpx.get(self.server.api_url + event["rawPath"], timeout=60)
        return {"statusCode": answer.status_code, "headers": dict(answer.headers)}

    def log_message(self, *_: object) -> None:
        """Nothing: the recorder knows what was asked."""


def gate_of(stage: Stage) -> Resource:
    """The only function that is no image."""
    [gate] = (
        function
        for function in stage.template.of_type("AWS::Lambda::Function")
        if function.properties.get("PackageType") != "Image"
    )
    return gate


def run_gate(cloud: Cloud, stage: Stage, recorder: Recorder) -> None:
    """Raises InvocationError where it stays shut."""
    gate = gate_of(stage)
    properties = stage.template.properties(gate, "Environment", "Timeout")
    variables = properties["Environment"]["Variables"]
    with _serving(ControlPlane(cloud, version=variables["VERSION"], recorder=recorder)) as url:
        configuration = Configuration(
            name=stage.template.ref(gate),
            handler=HANDLER,
            directory=ROOT,
            variables={**variables, "AWS_ENDPOINT_URL": url},
            timeout_s=properties["Timeout"],
        )
        with Function(configuration) as function:
            function.invoke(EVENT)


@contextmanager
def _serving(server: ControlPlane) -> Iterator[str]:
    with server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server.url
        server.shutdown()
