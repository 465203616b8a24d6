"""Everything the local cloud raises on purpose.

LocalCloudError
├── AssemblyError             synthesis failed, or wrote something the reader does not understand
├── PortTakenError            a port is in use; names the variable that changes it
├── DemoFailedError           something was not as the demo promises
└── InvocationError           one invocation of one function came to nothing
    ├── EventTooLargeError        the event is larger than Lambda accepts
    ├── FunctionRaisedError       the handler raised, or its answer could not be sent
    ├── FunctionCrashedError      the process ended before it answered, or never came up
    ├── FunctionTimedOutError     no answer within the function's timeout; the process was killed
    └── FunctionClosedError       the cloud is shutting down
"""

from __future__ import annotations


class LocalCloudError(Exception):
    """The base of all errors that the local cloud raises on purpose."""


class AssemblyError(LocalCloudError):
    """What was synthesized cannot be run here."""


class PortTakenError(LocalCloudError):
    """Something else listens on the port."""


class DemoFailedError(LocalCloudError):
    """The demo saw something other than what the product promises."""


class InvocationError(LocalCloudError):
    """One invocation came to nothing; the next one is not affected."""


class EventTooLargeError(InvocationError):
    """Lambda refuses the event for its size."""


class FunctionRaisedError(InvocationError):
    """The runtime reported an error in place of an answer; its process lives on."""


class FunctionCrashedError(InvocationError):
    """The function's process ended without an answer."""


class FunctionTimedOutError(InvocationError):
    """The function's process was killed at its timeout."""


class FunctionClosedError(InvocationError):
    """Nothing is started any more."""
