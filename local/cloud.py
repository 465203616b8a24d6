"""The local cloud: all that the template describes, started in order and stopped in reverse."""

from __future__ import annotations

import logging
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from local.assembly import synthesize
from local.compute import event_sources, functions, with_aliases
from local.cors import cors_of
from local.data_plane import DataPlane
from local.deployed_model import DeployedModel, default_model, deployed_models
from local.front import Front
from local.identities import Identities, refuse_the_unknown
from local.names import locally
from local.port import Port, url_of
from local.route import routes_of
from local.stage import Stage
from local.storage import create_storage
from local.template import Template

logger = logging.getLogger(__name__)


class Cloud:
    """A context manager. Within it, requests are answered and files are scored.

    `calls`: the file to write down what functions ask of AWS; `stage` says what they may.
    """

    def __init__(
        self, models_directory: Path, *, api_port: Port, aws_port: Port, calls: Path | None = None
    ) -> None:
        self._models_directory = models_directory
        self._api_port = api_port
        self._aws_port = aws_port
        self._calls = calls
        self._running = ExitStack()
        self.buckets: list[str] = []
        self.models: list[DeployedModel] = []
        self.default_model: DeployedModel | None = None

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            self._start(starting)
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def _start(self, running: ExitStack) -> None:
        api_socket = running.enter_context(self._api_port.bind())
        self.api_url = url_of(api_socket)
        # It comes up while the templates are synthesized.
        self.data_plane = running.enter_context(DataPlane(self._aws_port, calls=self._calls))
        assembly = Path(running.enter_context(tempfile.TemporaryDirectory()))
        started = time.monotonic()
        stacks = synthesize(self._models_directory, assembly)
        logger.info("synthesized %d stacks in %.1f s", len(stacks), time.monotonic() - started)

        identities = Identities(endpoint=self.data_plane.endpoint, api_url=self.api_url)
        template = Template(stacks, identities.identify)
        refuse_the_unknown(template.resources)
        self.buckets = create_storage(template, self.data_plane)
        self.stage = Stage(stacks, locally(identities))
        by_arn = functions(template, stacks, self.data_plane)
        self.data_plane.authorize(self.stage.allowed())
        # Stopped in reverse: functions first, so that no event source waits for a long batch.
        for event_source in event_sources(template, by_arn, self.data_plane):
            running.enter_context(event_source)
        for function in by_arn.values():
            running.enter_context(function)
        routes = routes_of(template, with_aliases(by_arn, template))
        self.models = deployed_models(by_arn.values())
        self.default_model = default_model(routes)
        running.enter_context(Front(routes, api_socket, cors=cors_of(template)))
