"""A Dockerfile says outside a container what it says inside."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from local.assembly import ImageAsset
from local.errors import AssemblyError
from local.image import Image, read_image

DOCKERFILE = """\
ARG BASE_IMAGE=public.ecr.aws/lambda/python:3.13
FROM ${BASE_IMAGE} AS build
ENV ONLY_WHILE_BUILDING=1
RUN pip install \\
    --target /packages

FROM ${BASE_IMAGE}
# COPY nothing /here
ENV OPENBLAS_NUM_THREADS=1 \\
    GREETING="two words"
COPY --from=build /packages ${LAMBDA_TASK_ROOT}
COPY layers/python /opt/python
COPY handler.py ${LAMBDA_TASK_ROOT}/
COPY --chmod=755 --from=card model.tom[l] /opt/
COPY --chmod=755 --from=card missing.tom[l] /opt/
COPY --chmod=755 --from=model . /opt/model
COPY --from=catalog models.json /opt/catalog/models.json
CMD ["functions.predict.handler.lambda_handler"]
"""


@pytest.fixture
def asset(tmp_path: Path) -> ImageAsset:
    contexts = {name: tmp_path / name for name in ("card", "model", "catalog")}
    for directory in (*contexts.values(), tmp_path / "layers/python"):
        directory.mkdir(parents=True)
    for file in ("handler.py", "card/model.toml", "catalog/models.json"):
        (tmp_path / file).touch()
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    return ImageAsset(tmp_path, "Dockerfile", contexts)


def test_the_last_stage_says_what_runs_and_with_which_files(
    asset: ImageAsset, tmp_path: Path
) -> None:
    image = read_image(asset)

    assert image == Image(
        handler="functions.predict.handler.lambda_handler",
        variables={"OPENBLAS_NUM_THREADS": "1", "GREETING": "two words"},
        files={
            PurePosixPath("/opt/python"): tmp_path / "layers/python",
            PurePosixPath("/var/task/handler.py"): tmp_path / "handler.py",
            PurePosixPath("/opt/model.toml"): tmp_path / "card/model.toml",
            PurePosixPath("/opt/model"): tmp_path / "model",
            PurePosixPath("/opt/catalog/models.json"): tmp_path / "catalog/models.json",
        },
    )
    assert image.python_path == (tmp_path / "layers/python",)


@pytest.mark.parametrize(
    ("value", "localized"),
    [
        ("/opt/model", "{root}/model"),
        ("/opt/model/model.onnx", "{root}/model/model.onnx"),
        ("/opt/catalog/models.json", "{root}/catalog/models.json"),
        ("/opt/models", "/opt/models"),
        ("/elsewhere", "/elsewhere"),
        ("housing", "housing"),
        ("", ""),
    ],
)
def test_paths_into_the_image_become_local_ones(
    asset: ImageAsset, tmp_path: Path, value: str, localized: str
) -> None:
    image = read_image(asset)

    assert image.localized(value) == localized.format(root=tmp_path)


def test_a_dockerfile_without_a_command_is_refused(asset: ImageAsset, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")

    with pytest.raises(AssemblyError) as raised:
        read_image(asset)

    assert str(raised.value) == (
        f'{tmp_path}/Dockerfile: expected CMD ["<module>.<function>"], found none'
    )


def test_an_unknown_instruction_is_refused(asset: ImageAsset, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nADD https://example.com/x /opt/x\n")

    with pytest.raises(AssemblyError) as raised:
        read_image(asset)

    assert str(raised.value) == ("Dockerfile: ADD has no local meaning; teach it to local/image.py")


def test_an_unknown_build_context_is_refused(asset: ImageAsset, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY --from=weights . /opt/weights\n")

    with pytest.raises(AssemblyError) as raised:
        read_image(asset)

    assert str(raised.value) == (
        "Dockerfile: COPY --from=weights: expected a stage or one of the build contexts "
        "card, catalog, model"
    )
