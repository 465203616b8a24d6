"""People find what is deployed, and can read and try it, in a real browser."""

from __future__ import annotations

import json
import re
import subprocess
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.local.browser import visit

if TYPE_CHECKING:
    from local.cloud import Cloud


@pytest.mark.browser
def test_the_front_page_shows_every_model_with_a_command_to_copy(
    cloud: Cloud, tmp_path: Path
) -> None:
    page = visit(cloud.api_url, tmp_path)

    assert page.complaints == []
    for model in cloud.models:
        assert f'<article id="{model.name}">' in page.dom
    assert page.dom.count('<button type="button">Copy</button>') == len(cloud.models)


def test_the_command_of_each_model_predicts(cloud: Cloud) -> None:
    page = httpx.get(cloud.api_url).text
    commands = re.findall(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL)

    answers = [
        subprocess.run(
            ["bash", "-c", f"{unescape(command)} --silent --fail"],
            capture_output=True,
            check=True,
        ).stdout
        for command in commands
    ]

    for model, answer in zip(cloud.models, answers, strict=True):
        [expected, *_] = model.golden_rows()
        document = json.loads(answer)
        assert (document["model"], list(document["predictions"][0])) == (
            model.name,
            list(expected[1]),
        )


@pytest.mark.browser
def test_the_documentation_shows_every_operation(cloud: Cloud, tmp_path: Path) -> None:
    document = httpx.get(f"{cloud.api_url}/openapi.json").json()

    page = visit(f"{cloud.api_url}/docs", tmp_path)

    assert page.complaints == []
    shown = {path.replace("\u200b", "") for path in re.findall(r'data-path="([^"]*)"', page.dom)}
    assert shown == set(document["paths"])


def test_where_nobody_checks_signatures_nobody_is_told_to_sign(cloud: Cloud) -> None:
    document = httpx.get(f"{cloud.api_url}/openapi.json").json()
    page = httpx.get(cloud.api_url).text

    assert "security" not in document
    assert "Whoever reaches this address may call." in page
    assert "--aws-sigv4" not in page


def test_pages_load_nothing_from_elsewhere(cloud: Cloud) -> None:
    for path in ("/", "/docs"):
        response = httpx.get(f"{cloud.api_url}{path}")

        assert response.headers["content-security-policy"].startswith("default-src 'self'; ")
        assert re.findall(r'(?:src|href)="(?!/|data:,)[^"]*"', response.text) == []
        assert "<script>" not in response.text


def test_what_a_page_loads_is_kept_for_good_and_comes_compressed(cloud: Cloud) -> None:
    page = httpx.get(f"{cloud.api_url}/docs").text
    [viewer] = re.findall(r"/docs/swagger-ui-bundle\.[0-9a-f]{12}\.js", page)

    response = httpx.get(f"{cloud.api_url}{viewer}")

    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
