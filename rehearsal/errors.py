"""Everything the rehearsal raises on purpose.

RehearsalError
├── CommandError     the CDK command line has failed, or has not where it should
└── FindingsError    what was deployed is not what the template says
"""

from __future__ import annotations


class RehearsalError(Exception):
    """The base of all errors that the rehearsal raises on purpose."""


class CommandError(RehearsalError):
    """A command ended in another way than it should have."""


class FindingsError(RehearsalError):
    """What is wrong, one sentence each."""

    def __init__(self, findings: list[str]) -> None:
        super().__init__("\n".join(findings))
