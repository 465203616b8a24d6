"""The composition root: reads the environment and cdk.json, and synthesizes one stage."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import App

from cdk.api_stack import ApiStack
from cdk.context import ROOT, read_context
from cdk.data_stack import DataStack
from cdk.deployed_model import default_model, deployed_models
from cdk.domain import require_certificate_in
from cdk.inventory import write_inventory
from cdk.model_stack import ModelStack
from cdk.quotas import check_quotas
from cdk.settings import StageSettings
from serving.errors import ConfigurationError

PRODUCT = "onnx-lambda"
# Said by the command line of the credentials that it finds; without any, it guesses a region.
ACCOUNT, REGION = "CDK_DEFAULT_ACCOUNT", "CDK_DEFAULT_REGION"
ALWAYS = {
    # The command line asks for it too; without one, a template still says what a resource is.
    "aws:cdk:enable-path-metadata": True,
    # Buckets whose owner owns every object take no log by an access control list.
    "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True,
}


def main() -> None:
    models_directory = Path(os.environ.get("MODELS_DIR") or ROOT / "models")
    try:
        synthesize(models_directory, read_context())
    except ConfigurationError as error:
        sys.exit(str(error))


def synthesize(
    models_directory: Path, context: Mapping[str, Any], output: Path | None = None
) -> Path:
    """Write the cloud assembly of the stage that the context names; return its directory.

    CDK_CONTEXT_JSON wins over `context`, and CDK_OUTDIR says where when `output` does not.
    Raises ConfigurationError where a card, a setting or a quota stands in the way.
    """
    app = App(context={**ALWAYS, **context}, outdir=None if output is None else str(output))
    add_stacks(app, models_directory.resolve())
    assembly = app.synth()
    check_quotas({stack.stack_name: Path(stack.template_full_path) for stack in assembly.stacks})
    return Path(assembly.directory)


def add_stacks(app: App, models_directory: Path) -> None:
    """The data stack, one stack per model, and the API in front of them."""
    stage = StageSettings.from_context(app.node.get_all_context())
    if {ACCOUNT, REGION} <= os.environ.keys():
        require_certificate_in(os.environ[REGION], stage.domain, stage=stage.name)
    prefix = f"{PRODUCT}-{stage.name}"
    models = deployed_models(models_directory)
    default = default_model(models, stage)
    inventory = Path(app.outdir).resolve() / "catalog"
    write_inventory(inventory, models, stage=stage, default_model=default)

    data = DataStack(app, f"{prefix}-data", stage=stage, models=[model.name for model in models])
    stacks = {
        model.name: ModelStack(
            app,
            f"{prefix}-model-{model.name}",
            stage=stage,
            model=model,
            inbox=data.inbox,
            results=data.results,
            queue=data.queues[model.name],
            alarm_topic=data.alarms,
        )
        for model in models
    }
    ApiStack(
        app,
        f"{prefix}-api",
        stage=stage,
        predictors={name: stack.predict for name, stack in stacks.items()},
        default_model=default,
        inventory=inventory,
        data_stack=data.stack_name,
    )


if __name__ == "__main__":
    main()
