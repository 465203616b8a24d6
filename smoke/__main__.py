"""`python -m smoke`: whether a deployed stage does what this checkout says, through both doors."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from cdk.context import ROOT
from operations.advice import advice_on
from operations.errors import OperationsError
from operations.site import Site, find_site
from serving.errors import ServingError
from smoke.address import checked, find_address
from smoke.api import Api
from smoke.batch import check_batch, drop
from smoke.bearer_token import bearer_token
from smoke.errors import OptionError, SmokeError
from smoke.expectation import Expectation, expectations
from smoke.online import check_online
from smoke.signature import Signature
from terminal.command import exit_code
from terminal.output import say, sum_up

Check = tuple[str, Callable[[], str]]

UNFIT = 1


def main(arguments: list[str]) -> int:
    """0 where all is as it should be, 1 where something is not, 2 where that could not be found
    out."""
    options = _parser().parse_args(arguments)
    return exit_code(
        partial(_smoke, options),
        errors=(OptionError, OperationsError, ServingError, BotoCoreError, ClientError),
        when_stopped="stopped; what is left lies under <model>/smoke/ in both buckets",
        sentence=advice_on,
    )


def _smoke(options: argparse.Namespace) -> int:
    models = expectations(options.models_dir)
    site = find_site(
        stage=options.stage, endpoint_url=options.endpoint_url, inbox=None, results=None
    )
    with _api(options) as api:
        return _run(api, site, models, options.within_s)


def _api(options: argparse.Namespace) -> Api:
    session = boto3.Session()
    credentials, region = session.get_credentials(), session.region_name
    if credentials is None:
        raise NoCredentialsError
    if region is None:
        raise NoRegionError
    url = checked(options.api_url or find_address(options.stage, options.endpoint_url))
    token = bearer_token(os.environ.get("TOKEN", ""))
    return Api(url, auth=Signature(credentials, region), token=token)


def _run(api: Api, site: Site, models: list[Expectation], within_s: float) -> int:
    unfit = total = 0
    for name, check in _checks(api, site, models, within_s):
        started = time.monotonic()
        total += 1
        try:
            say(f"{name}: {check()}, {time.monotonic() - started:.1f} s")
        except SmokeError as error:
            say(f"{name}: {error}")
            unfit += 1
    sum_up(f"{total - unfit} of {total} checks passed")
    return UNFIT if unfit else 0


def _checks(api: Api, site: Site, models: list[Expectation], within_s: float) -> Iterator[Check]:
    yield api.url, api.wait_until_ready
    for model in models:
        yield f"{model.name} {model.version}, online", partial(check_online, api, model)
    for model in models:
        name = f"{model.name} {model.version}, batch"
        if model.golden is None:
            say(f"{name}: not checked; it has no golden rows to make a file of")
        else:
            yield name, partial(_batch, api, site, model, within_s)


def _batch(api: Api, site: Site, model: Expectation, within_s: float) -> str:
    features = api.get(f"/models/{model.name}").field("features", list)
    columns = [str(f["name"]) for f in features if isinstance(f, dict) and "name" in f]
    return check_batch(site, model, drop(site, model, columns), within_s=within_s)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m smoke", description=__doc__)
    parser.add_argument("--stage", help="of cdk.json; otherwise the one that it names")
    parser.add_argument("--api-url", metavar="URL", help="otherwise as the stage's stack says")
    parser.add_argument("--endpoint-url", metavar="URL", help="of AWS's APIs, where they stand in")
    parser.add_argument("--models-dir", type=Path, default=ROOT / "models")
    parser.add_argument(
        "--within-s", type=float, default=300.0, help="until a file is scored; otherwise 300"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
