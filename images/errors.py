"""Everything the images' commands raise on purpose.

ImagesError
└── EngineError      nothing here builds images, or what does has failed
"""

from __future__ import annotations


class ImagesError(Exception):
    """The base of all errors that the commands raise on purpose."""


class EngineError(ImagesError):
    """A tool is missing, or one ended with an error."""
