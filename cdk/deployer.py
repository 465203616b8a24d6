"""Who may deploy the product into an account; deployed once, by an administrator."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import App

from cdk.app import ALWAYS
from cdk.bootstrap import Bootstrap
from cdk.context import read_context
from cdk.deployer_stack import DeployerStack
from cdk.settings import StageSettings
from serving.errors import ConfigurationError

# As the subject of GitHub's tokens spells it; newer repositories' have numbers in it.
REPOSITORY = re.compile(r"[\w.-]+(@\d+)?/[\w.-]+(@\d+)?", re.ASCII)


def main() -> None:
    try:
        synthesize(read_context())
    except ConfigurationError as error:
        sys.exit(str(error))


def synthesize(context: Mapping[str, Any], output: Path | None = None) -> Path:
    """Write the deployer's cloud assembly; return its directory. Raises ConfigurationError.

    `context` is that of cdk.json. `repository` in it is whose workflows may deploy, and without
    one none may; `provider` is "existing" where the account knows GitHub already.
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
        repository=_repository(context),
        has_provider=context.get("provider") == "existing",
    )


def _repository(context: Mapping[str, Any]) -> str | None:
    repository: str | None = context.get("repository")
    if repository is not None and not REPOSITORY.fullmatch(repository):
        raise ConfigurationError(
            "REPOSITORY: expected owner/name, or owner@number/name@number where GitHub's settings "
            f"show the subject of its tokens so, got {repository!r}"
        )
    return repository


if __name__ == "__main__":
    main()
