"""Who may import whom: inner modules never import outer ones."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PYTHON = Path(__file__).parents[2] / "layers" / "serving" / "python"

# The engine from the inside out: each may import those before it, and none behind it.
ENGINE = [
    "serving",
    "serving.errors",
    "serving.file_kind",
    "serving.document",
    "serving.card_images",
    "serving.card_texts",
    "serving.card_features",
    "serving.card_outputs",
    "serving.card",
    "serving.libraries",
    "serving.repository",
    "serving.optimization",
    "serving.deployment",
    "serving.digest",
    "serving.coercion",
    "serving.signature",
    "serving.preparation",
    "serving.encoding",
    "serving.picture_input",
    "serving.token_inputs",
    "serving.features",
    "serving.derivation",
    "serving.predictions",
    "serving.array_cells",
    "serving.feeds",
    "serving.limits",
    "serving.picture_layout",
    "serving.picture",
    "serving.images",
    "serving.instances",
    "serving.frames",
    "serving.shapes",
    "serving.lines",
    "serving.csv_records",
    "serving.csv_rows",
    "serving.rowless",
    "serving.tensor_data",
    "serving.tensor_entries",
    "serving.tensor_outputs",
    "serving.tensors",
    "serving.csv_predictions",
    "serving.micro_batches",
    "serving.lone_image",
    "serving.tokens",
    "serving.preparations",
    "serving.session",
    "serving.model",
    "serving.golden",
    "serving.description",
]


def modules(package: str) -> dict[str, Path]:
    """Every module of a package by its dotted name."""
    paths = (path.relative_to(PYTHON) for path in (PYTHON / package).rglob("*.py"))
    return {
        ".".join(path.with_suffix("").parts).removesuffix(".__init__"): PYTHON / path
        for path in paths
    }


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module)):
                yield module


def packages(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path)}


def test_every_module_of_the_engine_has_its_place() -> None:
    assert sorted(ENGINE) == sorted(modules("serving"))


@pytest.mark.parametrize("module", ENGINE)
def test_inside_the_engine_inner_never_imports_outer(module: str) -> None:
    imported = {name for name in imports(modules("serving")[module]) if name in ENGINE}

    assert imported <= set(ENGINE[: ENGINE.index(module)])


@pytest.mark.parametrize("module", ENGINE)
def test_the_engine_knows_neither_doors_nor_aws_nor_the_environment(module: str) -> None:
    path = modules("serving")[module]

    strangers = {
        "os", "boto3", "botocore", "aws_lambda_powertools", "http",
        "gateway", "formats", "delivery", "functions", "cdk", "local", "operations", "registry",
        "tests", "bench",
    }  # fmt: skip
    assert packages(path) & strangers == set()


# What each room may import of the other rooms that deploy.
MAY_IMPORT = {
    "gateway": {"serving"},
    "formats": {"serving"},
    "delivery": {"serving", "formats"},
}
ROOMS = {
    "serving", "gateway", "formats", "delivery", "functions",
    "cdk", "local", "operations", "registry", "tests", "bench", "training", "terminal",
    "doctor", "smoke", "iam", "privileges", "images", "rehearsal", "chaos", "fuzz",
}  # fmt: skip


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_the_doors_do_not_know_each_other_nor_what_deploys_them(package: str) -> None:
    imported = set().union(*map(packages, modules(package).values()))

    assert imported & ROOMS - {package} == MAY_IMPORT[package]


@pytest.mark.parametrize("package", ["serving", *MAY_IMPORT])
def test_only_handlers_read_the_environment_and_talk_to_aws(package: str) -> None:
    imported = set().union(*map(packages, modules(package).values()))

    assert imported & {"os", "boto3", "botocore"} == set()
