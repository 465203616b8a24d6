"""The front page: what is deployed, and for each model a command to copy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from gateway.example import example_inputs
from gateway.openapi_parts import Deployed
from gateway.pages.curl import curl

_SIGNING = {
    "iam": "Callers sign their requests with AWS Signature Version 4 (IAM).",
    "jwt": "Callers bear a JWT.",
    "none": "Whoever reaches this address may call.",
}
_TAKES_TENSORS = "<p>It takes no rows, but tensors, by the Open Inference Protocol.</p>"
_FEATURE = "<tr><th>Feature<th>Values<th>Meaning</tr>"
_INPUT = "<tr><th>Input<th>Datatype<th>Shape</tr>"
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
    by_default = deployed.takes_rows and deployed.name == catalog["default_model"]
    return f"""<article id="{escape(deployed.name)}">
<h2>{escape(model["title"] or deployed.name)}</h2>
<p class="name"><code>{escape(deployed.name)}</code> version {model["version"]}
{"· also behind <code>/predict</code>" if by_default else ""}</p>
<p>{escape(model["description"])}</p>
{_command(deployed, base_url, catalog["auth"])}
{_features(model) if deployed.takes_rows else _inputs(model)}
{_about(model)}
</article>"""


def _command(deployed: Deployed, base_url: str, auth: Mapping[str, Any]) -> str:
    path = "/models/{}/predict" if deployed.takes_rows else "/v2/models/{}/infer"
    is_short = deployed.has_short_rows if deployed.takes_rows else deployed.is_short
    document = _document(deployed) if is_short else None
    command = curl(f"{base_url}{path.format(deployed.name)}", document, auth)
    return f"""{"" if deployed.takes_rows else _TAKES_TENSORS}
<div class="command"><pre><code>{escape(command)}</code></pre>
<button type="button" hidden>Copy</button></div>
{"" if is_short else _too_long(deployed)}"""


def _too_long(deployed: Deployed) -> str:
    holds = '{"instances": [row, …]}' if deployed.takes_rows else '{"inputs": [tensor, …]}'
    return (
        "<p>An example would be too long to show: <code>request.json</code> is yours, and holds "
        f"<code>{escape(holds)}</code>.</p>"
    )


def _document(deployed: Deployed) -> dict[str, Any]:
    if deployed.takes_rows:
        return {"instances": deployed.instances[:1]}
    return {"inputs": example_inputs(deployed.description)}


def _features(model: Mapping[str, Any]) -> str:
    return _table(
        f"Features ({len(model['features'])})", _FEATURE, map(_feature, model["features"])
    )


def _inputs(model: Mapping[str, Any]) -> str:
    inputs = model["signature"]["inputs"]
    return _table(f"Inputs ({len(inputs)})", _INPUT, map(_input, inputs))


def _table(title: str, head: str, rows: Iterable[str]) -> str:
    body = "\n".join(rows)
    return f"""<details><summary>{title}</summary>
<table><thead>{head}</thead>
<tbody>
{body}
</tbody></table></details>"""


def _input(tensor: Mapping[str, Any]) -> str:
    name = escape(tensor["name"])
    return f"<tr><td><code>{name}</code><td>{tensor['datatype']}<td>{list(tensor['shape'])}</tr>"


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
