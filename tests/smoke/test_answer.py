"""What an API says is asked for by name, and what is not there is said to be missing."""

from __future__ import annotations

import pytest

from smoke.answer import Document
from smoke.errors import SmokeError


def test_a_field_is_what_stands_under_its_name() -> None:
    document = Document("GET /models/housing", b'{"version": 1, "features": [{"name": "rooms"}]}')

    assert document.field("features", list) == [{"name": "rooms"}]
    assert document.field("version", object) == 1


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"<html>Welcome</html>", "expected JSON, got b'<html>Welcome</html>'"),
        (b"", "expected JSON, got b''"),
        (b"[]", "expected a JSON object, got b'[]'"),
        (b"{}", "expected a list under 'features', got b'{}'"),
        (b'{"features":{}}', "expected a list under 'features', got b'{\"features\":{}}'"),
        (b"x" * 1000, f"expected JSON, got b'{'x' * 80}'"),
    ],
)
def test_another_document_is_said_to_be_one(body: bytes, sentence: str) -> None:
    with pytest.raises(SmokeError) as raised:
        Document("GET /models/housing", body).field("features", list)

    assert str(raised.value) == f"GET /models/housing: {sentence}"
