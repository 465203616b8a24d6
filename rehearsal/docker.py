"""What the CDK command line takes for docker: builds with what is here, and pushes nowhere.

python -m rehearsal.docker <arguments of docker>
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import boto3

from images.engine import find_engine
from images.errors import ImagesError

BASE_IMAGE = "REHEARSAL_BASE_IMAGE"
ABSENT = 1
MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json"


def main(arguments: list[str]) -> int:
    match arguments:
        case ["build", *options, directory]:
            base = ["--build-arg", f"BASE_IMAGE={os.environ[BASE_IMAGE]}"]
            find_engine().build([*base, *options], directory=Path(directory))
        case ["tag", image, alias]:
            find_engine().tag(image, alias)
        case ["push", image]:
            register(image)
        case ["inspect", _]:
            # Built again each time, which costs nothing where nothing has changed.
            return ABSENT
    return 0


def register(image: str) -> None:
    """Let the registry of the rehearsal know the tag, with nothing behind it."""
    repository, _, tag = image.partition("/")[2].rpartition(":")
    manifest = {"schemaVersion": 2, "mediaType": MEDIA_TYPE, "config": {"digest": f"sha256:{tag}"}}
    boto3.client("ecr").put_image(
        repositoryName=repository, imageTag=tag, imageManifest=json.dumps(manifest)
    )


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ImagesError as error:
        sys.exit(str(error))
