"""An access: who does what to which resource, as IAM sees it."""

from __future__ import annotations

from dataclasses import dataclass

# Whom the SDK calls by their addresses on AWS, it calls over TLS.
OVER_TLS = ("aws:SecureTransport", "true")


@dataclass(frozen=True, slots=True)
class Need:
    """`context`: the values of IAM's condition keys that the request brings along."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = (OVER_TLS,)


@dataclass(frozen=True, slots=True)
class Access:
    """`principal`: a role's ARN, or the name of one of AWS's services."""

    principal: str
    need: Need

    def __str__(self) -> str:
        return f"{self.principal}: {self.need.action} on {self.need.resource}"
