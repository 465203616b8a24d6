"""Requests in AWS's JSON protocols, as SQS and EventBridge speak them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import orjson


@dataclass(frozen=True, slots=True)
class JsonRequest:
    operation: str
    parameters: Mapping[str, Any]

    @classmethod
    def of(cls, target: str, body: bytes) -> Self:
        """`target`: the header X-Amz-Target, "AmazonSQS.SendMessage"."""
        return cls(target.rpartition(".")[2], orjson.loads(body))


class JsonError(Exception):
    """An error answer: a code, and what is wrong."""

    def __init__(self, code: str, message: str = "") -> None:
        self.code = code
        self.message = message or code
        super().__init__(f"{code}: {self.message}")

    @property
    def body(self) -> dict[str, str]:
        return {"__type": f"com.amazonaws#{self.code}", "message": self.message}
