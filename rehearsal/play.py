"""The rehearsal itself: bootstrap, deploy, release one model again, deploy, destroy."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from local.assembly import Stack, read_assembly
from rehearsal import wiring
from rehearsal.aws import Aws
from rehearsal.cdk_cli import CdkCli
from rehearsal.errors import CommandError, FindingsError
from rehearsal.stage import release_again
from rehearsal.state import Comparison, Deployed
from serving.repository import ModelVersion
from terminal.output import say, sum_up


def play(aws: Aws, cdk: CdkCli, released: ModelVersion) -> None:
    """Raises FindingsError, or CommandError, at the first step that ends otherwise."""
    with _step("bootstrap"):
        cdk.bootstrap()
    with _step("deploy"):
        cdk.deploy()
    stacks, comparison = _require_as_written(aws, cdk)
    _tell(comparison)
    before = Deployed(aws, stacks).images()

    release_again(released)
    with _step(f"deploy {released.name}, version {released.version + 1}"):
        cdk.deploy()
    stacks, _ = _require_as_written(aws, cdk)
    require_only_it_changed(released.name, before, Deployed(aws, stacks).images())

    kept = Deployed(aws, stacks).names_of("AWS::S3::Bucket")
    with _step("destroy, which the data stack refuses"):
        _require_refused(cdk)
    with _step("destroy, its protection lifted"):
        _lift_protection(aws, stacks)
        cdk.destroy()
    _require_kept(aws, kept)
    sum_up(
        "every step ended as it should; what moto does not make, only the templates were read for"
    )


def _require_as_written(aws: Aws, cdk: CdkCli) -> tuple[list[Stack], Comparison]:
    stacks = read_assembly(cdk.output)
    comparison = Deployed(aws, stacks).compare()
    _require_none([*comparison.findings, *wiring.findings(stacks)])
    return stacks, comparison


def _tell(comparison: Comparison) -> None:
    for title, by_type in (
        ("as the template says", comparison.confirmed),
        ("not told by moto", comparison.untold),
    ):
        for kind, names in sorted(by_type.items()):
            say(f"  {title}: {kind}: {', '.join(sorted(names))}")
    say(f"  not made by moto: {', '.join(sorted(comparison.kept))}")


def require_only_it_changed(model: str, before: dict[str, str], after: dict[str, str]) -> None:
    changed = {place for place in after if after[place] != before.get(place)}
    stranger = sorted(p for p in changed if f"-model-{model}/" not in p and not _catalog(p))
    expected = {place for place in after if f"-model-{model}/" in place or _catalog(place)}
    _require_none(
        [f"{place}: expected its image to stay, got another" for place in stranger]
        + [f"{place}: expected another image, got the same" for place in expected - changed]
    )
    say(f"  changed: {', '.join(sorted(changed))}")


def _catalog(place: str) -> bool:
    """It lists every model."""
    return place.endswith("-api/Catalog")


def _require_refused(cdk: CdkCli) -> None:
    try:
        cdk.destroy()
    except CommandError as error:
        if "TerminationProtection" in str(error):
            return
        raise
    raise FindingsError(["cdk destroy: expected the data stack's protection to stop it"])


def _lift_protection(aws: Aws, stacks: list[Stack]) -> None:
    for stack in stacks:
        if stack.name.endswith("-data"):
            aws.client("cloudformation").update_termination_protection(
                StackName=stack.name, EnableTerminationProtection=False
            )


def _require_kept(aws: Aws, buckets: set[str]) -> None:
    there = {bucket["Name"] for bucket in aws.client("s3").list_buckets()["Buckets"]}
    _require_none([f"{name}: expected the bucket kept, found it gone" for name in buckets - there])
    say(f"  kept: {', '.join(sorted(buckets))}")


def _require_none(findings: list[str]) -> None:
    if findings:
        raise FindingsError(findings)


@contextmanager
def _step(name: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    say(f"{name}: {time.monotonic() - started:.0f} s")
