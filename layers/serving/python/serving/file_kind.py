"""What a file is, by its first bytes: pictures, and what people take for one."""

from __future__ import annotations

_STARTS = {
    b"\x89PNG\r\n\x1a\n": "a PNG",
    b"\xff\xd8\xff": "a JPEG",
    b"GIF8": "a GIF",
    b"II*\0": "a TIFF",
    b"MM\0*": "a TIFF",
    b"%PDF-": "a PDF",
}
_BRANDS = {b"heic": "a HEIC", b"heix": "a HEIC", b"mif1": "a HEIC", b"avif": "an AVIF"}


def file_kind(data: bytes) -> str | None:
    """With its article; None of what is none of these."""
    for start, kind in _STARTS.items():
        if data.startswith(start):
            return kind
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "a WebP"
    # Two letters alone may be of any text.
    if data.startswith(b"BM") and data[6:10] == bytes(4):
        return "a BMP"
    return _BRANDS.get(data[8:12]) if data[4:8] == b"ftyp" else None
