"""What ends or turns a delivery.

DeliveryError
├── SourceGoneError         the object was deleted before it was scored
├── SupersededError         the object was overwritten; the later upload has its own message
├── ConflictError           somebody else wrote first: read back and decide again
└── DisagreementError       two scorings of one job differ: somebody must look
Anything else is a transient fault, and the message comes again.
"""


class DeliveryError(Exception):
    """The base of what storage and concurrent deliveries can answer."""


class SourceGoneError(DeliveryError):
    """The object, or the version that the message names, no longer exists."""


class SupersededError(DeliveryError):
    """The unversioned object holds other bytes than the message announced."""


class ConflictError(DeliveryError):
    """A conditional write found another object than it was to replace."""


class DisagreementError(DeliveryError):
    """Another delivery of the same job committed another number of rows."""
