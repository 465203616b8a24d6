"""The catalog: what is deployed, and an answer for every path that is nobody else's."""

from __future__ import annotations

from pathlib import Path

from constructs import Construct

from cdk.image import catalog_image
from cdk.image_function import ImageFunction
from cdk.inventory import FILE_NAME
from cdk.settings import StageSettings

MEMORY_MIB = 512
TIMEOUT_S = 10


class Catalog(ImageFunction):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageSettings,
        inventory: Path,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stage=stage,
            image=catalog_image(inventory, stage.processor),
            memory_mib=MEMORY_MIB,
            timeout_s=TIMEOUT_S,
            environment={"CATALOG_FILE": f"/opt/catalog/{FILE_NAME}"},
        )
