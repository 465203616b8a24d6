"""Everything that is raised on purpose where a judgement would be a guess.

IamError
├── UnknownPolicyError    a policy says something that nothing here evaluates
└── UnknownCallError      a call to AWS whose needs nobody has written down
"""

from __future__ import annotations


class IamError(Exception):
    """The base of them."""


class UnknownPolicyError(IamError):
    """Guessing at its meaning would make the proof worthless."""


class UnknownCallError(IamError):
    """An operation, a parameter or a header that may need more than is known."""
