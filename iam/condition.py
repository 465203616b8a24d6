"""Conditions of a policy's statement, one value at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from iam.errors import UnknownPolicyError
from iam.pattern import arn_matches, matches


def _same(expected: str, value: str) -> bool:
    return expected == value


def _same_truth(expected: str, value: str) -> bool:
    return expected.lower() == value.lower()


OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "ArnEquals": arn_matches,
    "ArnLike": arn_matches,
    "Bool": _same_truth,
    "StringEquals": _same,
    "StringLike": matches,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """Raises UnknownPolicyError for an operator that nothing here evaluates."""

    operator: str
    key: str
    value: str

    def __post_init__(self) -> None:
        if self.operator not in OPERATORS:
            raise UnknownPolicyError(
                f"expected one of {', '.join(OPERATORS)}, got the operator {self.operator}; "
                "teach it to iam/condition.py"
            )

    def holds(self, context: Mapping[str, str]) -> bool:
        """Not where the request does not bring the key along; keys know no case."""
        values = [value for key, value in context.items() if key.lower() == self.key.lower()]
        return any(OPERATORS[self.operator](self.value, value) for value in values)
