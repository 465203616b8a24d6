"""XML as S3 writes it."""

from __future__ import annotations

from html import escape

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

# A name with a text, or with children.
Element = tuple[str, "str | list[Element]"]


def document(name: str, *children: Element, namespace: str | None = None) -> bytes:
    inner = "".join(map(_written, children))
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    attribute = f' xmlns="{namespace}"' if namespace else ""
    return f"{declaration}<{name}{attribute}>{inner}</{name}>".encode()


def _written(element: Element) -> str:
    name, content = element
    inner = escape(content) if isinstance(content, str) else "".join(map(_written, content))
    return f"<{name}>{inner}</{name}>"
