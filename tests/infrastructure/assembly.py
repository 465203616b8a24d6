"""A synthesized stage with every reference spelled out, across stacks too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]

PREFIX = "onnx-lambda-dev-"


@dataclass(frozen=True)
class Resource:
    """`path` is its place in the construct tree; so are references to others in `properties`."""

    path: str
    type: str
    properties: Json
    body: Json


class Assembly:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.manifest: Json = json.loads((directory / "manifest.json").read_bytes())
        self.templates: dict[str, Json] = {
            path.name.removesuffix(".template.json"): json.loads(path.read_bytes())
            for path in directory.glob("*.template.json")
        }
        self._exports = {
            output["Export"]["Name"]: (output["Value"], stack)
            for stack, template in self.templates.items()
            for output in template["Outputs"].values()
            if "Export" in output
        }
        self.resources = {resource.path: resource for resource in self._resources()}

    def of_type(self, kind: str) -> dict[str, Json]:
        """Properties by path."""
        return {
            path: resource.properties
            for path, resource in self.resources.items()
            if resource.type == kind
        }

    def image_tags(self) -> dict[str, str]:
        """By the path of the function that runs the image."""
        return {
            path: function["Code"]["ImageUri"]["Fn::Sub"].rpartition(":")[2]
            for path, function in self.of_type("AWS::Lambda::Function").items()
            if function.get("PackageType") == "Image"
        }

    def image_sources(self, stack: str) -> dict[str, Json]:
        """What each of a stack's images is built from, by the folder of its Dockerfile."""
        assets = json.loads((self.directory / f"{stack}.assets.json").read_bytes())
        sources = (image["source"] for image in assets["dockerImages"].values())
        return {Path(source["dockerFile"]).parent.name: source for source in sources}

    def outputs(self, stack: str) -> dict[str, str]:
        outputs = self.templates[stack]["Outputs"]
        return {name: self._spelled(output["Value"], stack) for name, output in outputs.items()}

    def _resources(self) -> Iterator[Resource]:
        for stack, template in self.templates.items():
            for logical_id, body in template["Resources"].items():
                properties = self._spelled(body.get("Properties", {}), stack)
                yield Resource(self._path(stack, logical_id), body["Type"], properties, body)

    def _path(self, stack: str, logical_id: str) -> str:
        if logical_id.startswith("AWS::"):
            return f"<{logical_id}>"
        path: str = self.templates[stack]["Resources"][logical_id]["Metadata"]["aws:cdk:path"]
        return path.removeprefix(PREFIX).removesuffix("/Resource")

    def _referred(self, reference: Json, stack: str) -> str:
        match reference:
            case {"Ref": logical_id}:
                return self._path(stack, logical_id)
            case {"Fn::GetAtt": [logical_id, attribute]}:
                return f"{self._path(stack, logical_id)}.{attribute}"
        return self._referred(*self._exports[reference["Fn::ImportValue"]])

    def _spelled(self, value: Any, stack: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        match value:
            case {"Ref": _} | {"Fn::GetAtt": _} | {"Fn::ImportValue": _}:
                return self._referred(value, stack)
            case {"Fn::Join": [separator, parts]}:
                return separator.join(self._spelled(part, stack) for part in parts)
            case {"Fn::Select": [index, {"Fn::Split": [separator, text]}]}:
                return f"{self._spelled(text, stack)} by {separator}[{index}]"
            case dict():
                return {key: self._spelled(item, stack) for key, item in value.items()}
            case list():
                return [self._spelled(item, stack) for item in value]
        return value
