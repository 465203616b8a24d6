"""What pages load: files under names that change with their content, kept by browsers for good."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from gateway.problem import NOT_FOUND, ProblemError
from gateway.request import Request
from gateway.response import Response

OURS = Path(__file__).parent / "assets"
CONTENT_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
HEADERS = {
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
}
DIGEST_CHARACTERS = 12


class Assets:
    """Serves files by their hashed names; `url` knows those."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = {_hashed_name(path): path for path in paths}
        self._names = {path.name: name for name, path in self._paths.items()}

    def url(self, file_name: str) -> str:
        return f"/docs/{self._names[file_name]}"

    def get_asset(self, request: Request) -> Response:
        name = request.parameters["asset"]
        if name not in self._paths:
            there = ", ".join(self._paths)
            raise ProblemError(NOT_FOUND, f"asset: expected one of {there}, got {name}")
        path = self._paths[name]
        return Response(200, path.read_text(), CONTENT_TYPES[path.suffix], HEADERS)


def page_assets() -> Assets:
    """Ours, and Swagger UI's own distribution as a package of files carries it."""
    spec = find_spec("drf_spectacular_sidecar")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("drf_spectacular_sidecar: expected it installed, found nothing")
    # Found, not imported: the package is one of Django's, and only its files are wanted.
    package = Path(spec.submodule_search_locations[0])
    viewer = package / "static" / package.name / "swagger-ui-dist"
    theirs = [viewer / "swagger-ui-bundle.js", viewer / "swagger-ui.css"]
    return Assets([*sorted(OURS.iterdir()), *theirs])


def _hashed_name(path: Path) -> str:
    """page.css becomes page.0123456789ab.css."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:DIGEST_CHARACTERS]
    return f"{path.stem}.{digest}{path.suffix}"
