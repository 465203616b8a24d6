"""Keys that open the local cloud. Any do, but for those of its functions."""

from __future__ import annotations

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
}
