"""Grants: a policy's statements taken apart, to the smallest pieces that could be left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from iam.access import Access
from iam.condition import Condition
from iam.errors import UnknownPolicyError
from iam.pattern import arn_matches, matches

Json = Mapping[str, Any]

ELEMENTS = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
EFFECTS = {"Allow", "Deny"}
ANYONE = "*"


@dataclass(frozen=True, slots=True)
class Grant:
    """One action on one resource under one value of each condition, allowed or denied.

    `place`: where the template has the policy.
    """

    place: str
    effect: str
    principal: str
    action: str
    resource: str
    conditions: tuple[Condition, ...] = ()

    def covers(self, access: Access) -> bool:
        context = dict(access.need.context)
        return (
            self.principal in {ANYONE, access.principal}
            # IAM reads actions without regard to case.
            and matches(self.action.lower(), access.need.action.lower())
            and arn_matches(self.resource, access.need.resource)
            and all(condition.holds(context) for condition in self.conditions)
        )

    def __str__(self) -> str:
        told = [f"{c.key} {c.operator} {c.value}" for c in self.conditions]
        where = f" where {' and '.join(told)}" if told else ""
        return f"{self.place}: {self.effect} {self.action} on {self.resource}{where}"


def grants_of(
    statements: Sequence[Json],
    *,
    place: str,
    principal: str | None = None,
    resource: str | None = None,
) -> Iterator[Grant]:
    """`principal` and `resource`: those of policies that name none, as a role's own does not say
    whose it is, and its trust policy not what it is about. Raises UnknownPolicyError."""
    for statement in statements:
        _refuse_the_unknown(statement, place)
        for who, action, what, conditions in product(
            [principal] if principal else _principals(statement, place),
            _listed(statement["Action"]),
            [resource] if resource else _listed(statement["Resource"]),
            _conditions(statement.get("Condition", {})),
        ):
            yield Grant(place, statement["Effect"], who, action, what, conditions)


def _refuse_the_unknown(statement: Json, place: str) -> None:
    if unknown := statement.keys() - ELEMENTS:
        raise UnknownPolicyError(
            f"{place}: expected {', '.join(sorted(ELEMENTS))}, got {', '.join(sorted(unknown))}; "
            "teach it to iam/grant.py"
        )
    if statement["Effect"] not in EFFECTS:
        raise UnknownPolicyError(f"{place}: expected Allow or Deny, got {statement['Effect']}")


def _principals(statement: Json, place: str) -> list[str]:
    match statement.get("Principal"):
        case "*":
            return [ANYONE]
        case {"AWS": named} | {"Service": named} if len(statement["Principal"]) == 1:
            return _listed(named)
        case other:
            raise UnknownPolicyError(
                f"{place}: expected a principal of AWS or a service, got {other}"
            )


def _conditions(block: Json) -> Iterator[tuple[Condition, ...]]:
    """Every key must hold, and any of its values makes it hold."""
    keys = [
        [Condition(operator, key, value) for value in _listed(values)]
        for operator, tests in block.items()
        for key, values in tests.items()
    ]
    return product(*keys)


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - a policy's value, or a list of them
    return value if isinstance(value, list) else [value]
