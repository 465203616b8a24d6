"""Everything the commands raise on purpose.

OperationsError
├── SiteError            the stage's stack, buckets or queues are not where they were looked for
├── SelectionError       what was asked for names nothing
└── BrokenOutputError    a result is not what its manifest says
"""

from __future__ import annotations


class OperationsError(Exception):
    """The base of all errors that the commands raise on purpose."""


class SiteError(OperationsError):
    """Something that a deployed stage has was not found."""


class SelectionError(OperationsError):
    """A key, a prefix or a model that names nothing."""


class BrokenOutputError(OperationsError):
    """An output is missing, or differs from its manifest in size, hash or rows."""
