"""A bill: what a service of AWS is paid for, in US dollars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self

SERVICES = (
    "Lambda",
    "API Gateway",
    "S3",
    "SQS",
    "EventBridge",
    "CloudWatch",
    "ECR",
    "transfer",
)


class Bill:
    """What is not paid for costs nothing."""

    def __init__(self, by_service: Mapping[str, float]) -> None:
        self._by_service = by_service

    @classmethod
    def of_all(cls, bills: Iterable[Bill]) -> Self:
        """What they come to together."""
        each = [*bills]
        return cls({service: sum(bill.usd(service) for bill in each) for service in SERVICES})

    def usd(self, service: str) -> float:
        return self._by_service.get(service, 0.0)

    @property
    def total_usd(self) -> float:
        return sum(self._by_service.values())

    def as_document(self) -> dict[str, float]:
        return {**{service: self.usd(service) for service in SERVICES}, "total": self.total_usd}
