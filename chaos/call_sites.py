"""The places in the score function that call AWS, as its source has them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import boto3
from botocore import xform_name

import functions.score

SERVICES = ["s3", "sqs", "events"]
# What few runs reach, as `Call.site` names it, with the share of its calls to strike: the fewer
# there are, the more of them.
SELDOM: Mapping[str, float] = {
    "AbortMultipartUpload S3Join.of < S3Results.join": 0.1,
    "AbortMultipartUpload S3Upload.abort < S3Parts.upload": 0.1,
    "AbortMultipartUpload S3Upload.abort < SpanScorer._written": 0.5,
    "DeleteObject S3Parts.discard < Delivery._drop_replaced": 0.9,
    "DeleteObject S3Parts.discard < SpanScorer._commit": 0.05,
    "DeleteObject S3Results.discard < Delivery._discard": 0.1,
    "DeleteObjects S3Parts._remove < Delivery._score": 0.9,
    "GetObject S3Join._read < S3Results.join": 0.3,
    "GetObject S3Parts.read < SpanScorer._commit": 0.05,
    "GetObject S3Results.read_manifest < Delivery._commit": 0.1,
    "HeadObject S3Inbox.open < Delivery._is_overwritten": 0.9,
    "HeadObject S3Parts.was_split < Delivery._score": 0.1,
    "SendMessageBatch TaskQueue.send < JobScorer._hand_on": 0.1,
    "UploadPart S3Join._send_one < S3Results.join": 0.9,
    "UploadPart S3Upload._send_part < SpanScorer._score_part": 0.1,
}


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
