"""A handler in its image: the local cloud's environment, around a container."""

from __future__ import annotations

import subprocess

from images.command import Launch
from local.environment import Configuration, Environment, spawn

# Set in the image; what the local cloud gives its own processes must not hide it.
OF_THE_IMAGE = {"PATH", "PYTHONPATH", "LANG", "TZ", "LAMBDA_TASK_ROOT", "_HANDLER"}


class ContainerEnvironment(Environment):
    """`launch` makes the command that runs the image with these variables."""

    def __init__(self, configuration: Configuration, launch: Launch) -> None:
        self._launch = launch
        super().__init__(configuration)

    def _start(self) -> subprocess.Popen[str]:
        variables = self._variables()
        own = {name: value for name, value in variables.items() if name not in OF_THE_IMAGE}
        return spawn(self._launch(own))
