"""Everything the commands raise on purpose, beside what the engine raises.

RegistryError
├── SelectionError       what was asked for names no model, version or row
├── FrozenVersionError   a version that may have served would change
├── SourceError          a file's source cannot be read, or holds something else
└── TrainingError        a model cannot be trained, or measures nothing
"""

from __future__ import annotations


class RegistryError(Exception):
    """The base of all errors that the commands raise on purpose."""


class SelectionError(RegistryError):
    """A model, a version or a row that is not there."""


class FrozenVersionError(RegistryError):
    """A version never changes once it may have served."""


class SourceError(RegistryError):
    """What a source gave is not what the card says, or it gave nothing."""


class TrainingError(RegistryError):
    """There is no version to show for the training."""
