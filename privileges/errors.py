"""Everything the proof raises on purpose.

PrivilegesError
├── UnknownPolicyError    a policy says something that nothing here evaluates
├── UnknownCallError      a call to AWS whose needs nobody has written down
└── ScenarioError         a scenario did not come to its end
"""

from __future__ import annotations


class PrivilegesError(Exception):
    """The base of all errors that the proof raises on purpose."""


class UnknownPolicyError(PrivilegesError):
    """Guessing at its meaning would make the proof worthless."""


class UnknownCallError(PrivilegesError):
    """An operation, a parameter or a header that may need more than is known."""


class ScenarioError(PrivilegesError):
    """What was to be watched did not happen."""
