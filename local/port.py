"""Loopback ports: taken before anything starts, so that a busy one is reported at once."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from local.errors import LocalCloudError, PortTakenError

HOST = "127.0.0.1"
LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Port:
    """`number` 0 asks for any free port; `variable` is what a user sets to choose another."""

    number: int
    variable: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str], variable: str, *, default: int) -> Self:
        value = environ.get(variable) or str(default)
        if not value.isdecimal() or int(value) > LAST_PORT:
            raise LocalCloudError(
                f"{variable}: expected a port number up to {LAST_PORT}, got {value!r}"
            )
        return cls(int(value), variable)

    def bind(self) -> socket.socket:
        """A bound socket that does not listen yet: clients are refused until it does."""
        # asyncio sends at once only on sockets that name their protocol; each answer would wait
        # for the client's delayed acknowledgement, 40 ms.
        bound = socket.socket(proto=socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((HOST, self.number))
        except OSError as error:
            bound.close()
            raise PortTakenError(
                f"port {self.number}: expected it free, but something listens there; "
                f"stop that, or choose another port: {self.variable}=<port>"
            ) from error
        return bound


def url_of(bound: socket.socket) -> str:
    return f"http://{HOST}:{bound.getsockname()[1]}"
