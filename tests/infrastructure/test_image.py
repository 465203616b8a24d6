"""An image is rebuilt when what is in it changes, and only then."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cdk import image
from cdk.app import ROOT, synthesize
from cdk.libraries import REQUIREMENTS
from serving.card import parse_card
from serving.libraries import libraries_of
from tests import graphs, pictures
from tests.infrastructure.assembly import Assembly

Rebuilt = Callable[[], set[str]]

PREDICT = {"model-churn/Predict", "model-housing/Predict"}
SCORE = {"model-churn/Score", "model-housing/Score"}
CATALOG = {"api/Catalog"}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what images are built from, free to be edited."""
    copy = tmp_path / "repository"
    for folder in ("functions", "layers"):
        shutil.copytree(
            ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", ".*_cache")
        )
    shutil.copy(ROOT / ".dockerignore", copy)
    monkeypatch.setattr(image, "ROOT", copy)
    return copy


@pytest.fixture
def picture_model(models_directory: Path) -> None:
    graphs.save(pictures.brightness(), models_directory / "pictures" / "1", card=pictures.CARD)


@pytest.fixture
def rebuilt(
    repository: Path,  # noqa: ARG001 - it must be in place before the first synthesis
    models_directory: Path,
    context_with: Callable[..., dict[str, Any]],
    tmp_path: Path,
) -> Rebuilt:
    """Says which functions' images have another tag than at the start of the test."""
    outputs: Iterator[Path] = (tmp_path / f"assembly-{number}" for number in range(2))

    def tags() -> dict[str, str]:
        context = context_with(default_model="housing")
        return Assembly(synthesize(models_directory, context, next(outputs))).image_tags()

    before = tags()
    return lambda: {function for function, tag in tags().items() if tag != before[function]}


def test_one_byte_of_a_model_changes_that_models_two_images_and_the_catalog_that_lists_it(
    models_directory: Path, rebuilt: Rebuilt
) -> None:
    graph = models_directory / "housing" / "1" / "model.onnx"

    graph.write_bytes(graph.read_bytes().replace(b"the graph of", b"the graph oF"))

    assert rebuilt() == {"model-housing/Predict", "model-housing/Score"} | CATALOG


def test_what_a_card_means_is_part_of_its_models_images(
    models_directory: Path, rebuilt: Rebuilt
) -> None:
    card = models_directory / "housing" / "model.toml"

    card.write_text(card.read_text() + "threads = 2\n")

    assert rebuilt() == {"model-housing/Predict", "model-housing/Score"} | CATALOG


def test_a_version_that_is_not_live_changes_no_image(
    models_directory: Path, rebuilt: Rebuilt
) -> None:
    (models_directory / "housing" / "2" / "model.onnx").write_text("another graph")

    assert rebuilt() == set()


def test_where_the_models_are_changes_no_image(models_directory: Path, rebuilt: Rebuilt) -> None:
    elsewhere = models_directory.rename(models_directory.with_name("elsewhere"))

    models_directory.symlink_to(elsewhere)

    assert rebuilt() == set()


@pytest.mark.parametrize(
    ("function", "images"), [("predict", PREDICT), ("score", SCORE), ("catalog", CATALOG)]
)
def test_editing_a_function_changes_its_own_images_only(
    repository: Path, rebuilt: Rebuilt, function: str, images: set[str]
) -> None:
    (repository / "functions" / function / "handler.py").write_text("# edited")

    assert rebuilt() == images


def test_editing_the_engine_changes_every_image(repository: Path, rebuilt: Rebuilt) -> None:
    (repository / "layers/serving/python/serving/errors.py").write_text("# edited")

    assert rebuilt() == PREDICT | SCORE | CATALOG


@pytest.mark.usefixtures("picture_model")
def test_a_library_changes_the_images_of_models_that_need_it(
    repository: Path, rebuilt: Rebuilt
) -> None:
    (repository / REQUIREMENTS["image"]).write_text("edited")

    assert rebuilt() == {"model-pictures/Predict", "model-pictures/Score"}


@pytest.mark.parametrize(
    "bystander",
    [
        "README.md",
        "tests/test_edited.py",
        "functions/gate/handler.py",
        "functions/predict/requirements.in",
        "layers/serving/requirements-image.in",
        "layers/serving/requirements-image.txt",
        "functions/predict/__pycache__/handler.cpython-311.pyc",
        "layers/serving/python/ruff.toml",
    ],
)
def test_what_no_image_needs_changes_none(
    repository: Path, rebuilt: Rebuilt, bystander: str
) -> None:
    path = repository / bystander

    path.parent.mkdir(exist_ok=True)
    path.write_text("edited")

    assert rebuilt() == set()


def test_an_image_is_built_from_its_models_live_version_and_card(assembly: Assembly) -> None:
    sources = assembly.image_sources("onnx-lambda-dev-model-housing")

    for function, source in sources.items():
        directory = Path(source["dockerBuildContexts"]["model"])
        assert source["directory"] == str(ROOT)
        assert source["dockerFile"] == f"functions/{function}/Dockerfile"
        assert directory.parts[-2:] == ("housing", "1")
        assert source["dockerBuildContexts"]["card"] == str(directory.parent)
        assert (
            source["dockerBuildArgs"].items()
            >= {"MODEL_NAME": "housing", "MODEL_VERSION": "1"}.items()
        )


@pytest.mark.parametrize(
    ("processor", "platform"), [("x86_64", "linux/amd64"), ("arm64", "linux/arm64")]
)
def test_images_are_built_for_the_processor_that_functions_run_on(
    models_directory: Path,
    context_with: Callable[..., dict[str, Any]],
    tmp_path: Path,
    processor: str,
    platform: str,
) -> None:
    context = context_with(default_model="housing", processor=processor)

    assembly = Assembly(synthesize(models_directory, context, tmp_path / "assembly"))

    sources = assembly.image_sources("onnx-lambda-dev-model-housing").values()
    functions = assembly.of_type("AWS::Lambda::Function").values()
    in_images = [function for function in functions if "ImageUri" in function["Code"]]
    assert [source["platform"] for source in sources] == [platform] * 2
    assert [function["Architectures"] for function in in_images] == [[processor]] * 5


@pytest.mark.parametrize(
    ("card", "libraries"),
    [
        ("live = 1", []),
        ('live = 1\nfeatures.x = { kind = "text" }', []),
        ('live = 1\nfeatures.x = { kind = "text", tokenizer = "tokenizer.json" }', ["text"]),
        (pictures.CARD, ["image"]),
        ("live = 1\ngraph.extensions = true", ["extensions"]),
    ],
)
def test_images_carry_the_libraries_that_their_models_need(card: str, libraries: list[str]) -> None:
    assert libraries_of(parse_card(card.encode(), source="model.toml")) == libraries


@pytest.mark.parametrize("library", REQUIREMENTS)
def test_every_library_is_pinned(library: str) -> None:
    pinned = (ROOT / REQUIREMENTS[library]).read_text()
    [asked] = (ROOT / REQUIREMENTS[library]).with_suffix(".in").read_text().split()

    assert f"{asked}==" in pinned
    assert "--hash=sha256:" in pinned


def test_a_dockerfile_installs_the_libraries_that_it_is_told(
    models_directory: Path,
    picture_model: None,  # noqa: ARG001 - it is one of those that are synthesized
    context_with: Callable[..., dict[str, Any]],
    tmp_path: Path,
) -> None:
    context = context_with(default_model="housing")
    assembly = Assembly(synthesize(models_directory, context, tmp_path / "assembly"))

    for model, libraries in {"pictures": "image", "housing": ""}.items():
        for function, source in assembly.image_sources(f"onnx-lambda-dev-model-{model}").items():
            dockerfile = (ROOT / "functions" / function / "Dockerfile").read_text()
            assert source["dockerBuildArgs"]["LIBRARIES"] == libraries
            assert "images.steps.install /libraries /build ${LIBRARIES}" in dockerfile
