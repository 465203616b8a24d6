"""The front page: what is deployed, and for each model a command to copy."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from gateway.openapi_parts import Deployed
from gateway.pages.curl import curl

_SIGNING = {
    "iam": "Callers sign their requests with AWS Signature Version 4 (IAM).",
    "jwt": "Callers bear a JWT.",
    "none": "Whoever reaches this address may call.",
}
_TEXTS = {"intended_use": "Use", "limits": "Limits", "owner": "Owner", "licence": "Licence"}


def home(catalog: Mapping[str, Any], base_url: str) -> str:
    """HTML, but for what stands around every page."""
    models = "\n".join(
        _model(Deployed(model, catalog["examples"][model["model"]]), catalog, base_url)
        for model in catalog["models"]
    )
    return f"""<header>
<h1>onnx-lambda <span class="stage">{escape(catalog["stage"])}</span></h1>
<p>{_SIGNING[catalog["auth"]["kind"]]}</p>
<nav>
<a href="/docs">Read and try</a>
<a href="/openapi.json">OpenAPI</a>
<a href="/models">Models as JSON</a>
</nav>
</header>
<main>
{models}
</main>"""


def _model(deployed: Deployed, catalog: Mapping[str, Any], base_url: str) -> str:
    model = deployed.description
    command = curl(
        f"{base_url}/models/{deployed.name}/predict",
        {"instances": deployed.instances[:1]},
        catalog["auth"],
    )
    by_default = deployed.name == catalog["default_model"]
    return f"""<article id="{escape(deployed.name)}">
<h2>{escape(model["title"] or deployed.name)}</h2>
<p class="name"><code>{escape(deployed.name)}</code> version {model["version"]}
{"· also behind <code>/predict</code>" if by_default else ""}</p>
<p>{escape(model["description"])}</p>
<div class="command"><pre><code>{escape(command)}</code></pre>
<button type="button" hidden>Copy</button></div>
{_features(model)}
{_about(model)}
</article>"""


def _features(model: Mapping[str, Any]) -> str:
    rows = "\n".join(map(_feature, model["features"]))
    return f"""<details><summary>Features ({len(model["features"])})</summary>
<table><thead><tr><th>Feature<th>Values<th>Meaning</tr></thead>
<tbody>
{rows}
</tbody></table></details>"""


def _feature(feature: Mapping[str, Any]) -> str:
    meaning = escape(feature.get("description", ""))
    name = escape(feature["name"])
    return f"<tr><td><code>{name}</code><td>{escape(_values(feature))}<td>{meaning}</tr>"


def _values(feature: Mapping[str, Any]) -> str:
    if "categories" in feature:
        return ", ".join(feature["categories"])
    if feature["shape"]:
        return f"array {feature['shape']} of {feature['datatype']}"
    low = f"from {feature['minimum']:g}" if "minimum" in feature else ""
    high = f"to {feature['maximum']:g}" if "maximum" in feature else ""
    return " ".join(filter(None, [feature.get("kind") or feature["datatype"], low, high]))


def _about(model: Mapping[str, Any]) -> str:
    told = "\n".join(
        f"<dt>{label}<dd>{escape(model[key])}" for key, label in _TEXTS.items() if model[key]
    )
    return f"""<details><summary>About the model</summary>
<dl>
{told}
<dt>Scoring digest<dd><code>{escape(model["digest"])}</code>
</dl></details>"""
