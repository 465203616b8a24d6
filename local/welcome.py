"""What `serve` says when the local cloud is ready: where things are, and commands to copy."""

from __future__ import annotations

import json

from iam.account import REGION
from local.cloud import Cloud
from local.credentials import CREDENTIALS
from local.deployed_model import DeployedModel


def welcome(cloud: Cloud) -> str:
    endpoint = cloud.data_plane.endpoint
    models = ", ".join(f"{model.name} (version {model.version})" for model in cloud.models)
    model = cloud.default_model or cloud.models[0]
    keys = " ".join(f"{name}={value}" for name, value in CREDENTIALS.items())
    return f"""ready

  API       {cloud.api_url}
  S3, SQS   {endpoint} (path-style, any key)
  buckets   {", ".join(cloud.buckets)}
  models    {models}; {model.name} is behind /predict

  Authentication is off: whoever reaches these ports may call.

  {_curl(cloud.api_url, model)}
  {keys} aws --endpoint-url {endpoint} --region {REGION} s3 cp rows.csv s3://inbox/{model.name}/

  Ctrl-C stops everything."""


def _curl(api_url: str, model: DeployedModel) -> str:
    url = f"{api_url}/models/{model.name}"
    instances = [instance for instance, _ in model.golden_rows()[:1]]
    if not instances:
        return f"curl {url}"
    body = json.dumps({"instances": instances})
    return f"curl {url}/predict -H 'Content-Type: application/json' -d '{body}'"
