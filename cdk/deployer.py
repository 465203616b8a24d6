"""Who may deploy the product into an account; deployed once, by an administrator."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import App

from cdk.app import ALWAYS
from cdk.bootstrap import Bootstrap
from cdk.context import read_context
from cdk.deployer_stack import DeployerStack
from cdk.github import GitHub
from cdk.settings import StageSettings
from serving.errors import ConfigurationError


def main() -> None:
    try:
        synthesize(read_context())
    except ConfigurationError as error:
        sys.exit(str(error))


def synthesize(context: Mapping[str, Any], output: Path | None = None) -> Path:
    """Write the deployer's cloud assembly; return its directory. Raises ConfigurationError.

    All that it says comes from `context`, which is that of cdk.json: who deploys it again without
    having changed that takes nothing away.
    """
    app = App(context={**ALWAYS, **context}, outdir=None if output is None else str(output))
    add_stack(app)
    return Path(app.synth().directory)


def add_stack(app: App) -> DeployerStack:
    context = app.node.get_all_context()
    bootstrap = Bootstrap.from_context(context)
    return DeployerStack(
        app,
        f"{bootstrap.qualifier}-deployer",
        bootstrap=bootstrap,
        stages=[
            StageSettings.from_context({**context, "stage": name}) for name in context["stages"]
        ],
        github=GitHub.from_context(context),
    )


if __name__ == "__main__":
    main()
