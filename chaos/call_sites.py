"""The places in the score function that call AWS, as its source has them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import boto3
from botocore import xform_name

import functions.score

SERVICES = ["s3", "sqs", "events"]


def call_sites() -> set[str]:
    """As `Call.site` begins: "PutObject S3Results.write_manifest"."""
    operations = _operations()
    return {
        f"{operations[name]} {function}"
        for path in Path(functions.score.__path__[0]).glob("*.py")
        for function, name in _calls(ast.parse(path.read_text()))
        if name in operations
    }


def _operations() -> dict[str, str]:
    """By the name of the client's method."""
    session = boto3.Session(region_name="eu-central-1")._session
    models = [session.get_service_model(service) for service in SERVICES]
    return {xform_name(name): name for model in models for name in model.operation_names}


def _calls(node: ast.AST, function: str = "") -> Iterator[tuple[str, str]]:
    """Each function with the names of the methods that it calls, or has a paginator call."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef):
            yield from _calls(child, f"{function}.{child.name}".removeprefix("."))
            continue
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute):
            yield function, child.func.attr
            if child.func.attr == "get_paginator" and isinstance(child.args[0], ast.Constant):
                yield function, str(child.args[0].value)
        yield from _calls(child, function)
