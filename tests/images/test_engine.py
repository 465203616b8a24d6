"""Engines: what is asked of them, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from images.base_image import default_base
from images.buildah import without_absent_files
from images.engine import find_engine
from images.errors import EngineError

DOCKERFILE = """FROM base
COPY --from=card model.tom[l] /opt/
COPY --from=model . /opt/model
"""


def test_a_machine_without_an_engine_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(EngineError, match=r"apt-get install buildah debootstrap"):
        find_engine()


def test_a_model_without_a_card_is_built_without_the_line_that_copies_it(tmp_path: Path) -> None:
    contexts = {"card": str(tmp_path), "model": str(tmp_path)}

    assert without_absent_files(DOCKERFILE, contexts) == DOCKERFILE.replace(
        "COPY --from=card model.tom[l] /opt/\n", ""
    )


def test_a_card_is_copied(tmp_path: Path) -> None:
    (tmp_path / "model.toml").touch()

    assert without_absent_files(DOCKERFILE, {"card": str(tmp_path)}) == DOCKERFILE


def test_all_functions_are_built_on_the_same_base() -> None:
    assert default_base() == "public.ecr.aws/lambda/python:3.13"
