"""One HTML page, which may load what this service has and nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from gateway.response import Response

CONTENT_TYPE = "text/html; charset=utf-8"
HEADERS = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "no-cache",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def page(title: str, body: str, *, styles: Sequence[str], scripts: Sequence[str]) -> Response:
    """`body` is HTML; `styles` and `scripts` are paths of this service."""
    links = "".join(f'<link rel="stylesheet" href="{escape(path)}">\n' for path in styles)
    loaded = "".join(f'<script src="{escape(path)}"></script>\n' for path in scripts)
    html = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
{links}</head>
<body>
{body}
{loaded}</body>
</html>
"""
    return Response(200, html, CONTENT_TYPE, HEADERS)
