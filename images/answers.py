"""A handler asked in its image and outside it: the same events must get the same answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import orjson

from images.container import ContainerEnvironment
from images.image import Image
from images.recipe import ROOT, Recipe
from images.requests import Requests
from images.uploads import Uploads
from local.environment import Configuration, Environment
from local.errors import InvocationError

Json = dict[str, Any]
Ask = Callable[[Json], Json]

LAYER = ROOT / "layers" / "serving" / "python"
TIMEOUT_S = 120.0
# Where the build contexts are in an image.
PLACES = {"model": "/opt/model", "catalog": "/opt/catalog"}


class Exchange(Protocol):
    """What is asked of a function. Each side has state of its own, under the same names."""

    def variables(self, side: str) -> Mapping[str, str]: ...

    def answers(self, ask: Ask, side: str) -> dict[str, Any]:
        """What came of it, by what was asked."""

    def faults(self, answers: Mapping[str, Any]) -> Iterator[str]:
        """What no side may answer."""


def findings(image: Image, command: list[str], recipe: Recipe) -> list[str]:
    with _exchange(recipe) as exchange:
        try:
            inside = _inside(image, command, recipe, exchange)
            outside = _outside(recipe, exchange)
        except InvocationError as error:
            return [str(error)]
        faults = [*exchange.faults(inside)]
    different = [name for name in outside if inside[name] != outside[name]]
    return faults + [f"{name}: expected the answer that it gets outside" for name in different]


def _exchange(recipe: Recipe) -> AbstractContextManager[Exchange]:
    if recipe.function == "score":
        return Uploads(recipe)
    return nullcontext(Requests(recipe))


def _inside(image: Image, command: list[str], recipe: Recipe, exchange: Exchange) -> Json:
    configuration = _configuration(recipe, exchange.variables("inside"), PLACES)
    with image.engine.container(image.name, command) as launch:
        environment = ContainerEnvironment(configuration, launch)
        return _answers(environment, exchange, "inside")


def _outside(recipe: Recipe, exchange: Exchange) -> Json:
    places = {name: str(path) for name, path in recipe.contexts.items()}
    environment = Environment(_configuration(recipe, exchange.variables("outside"), places))
    return _answers(environment, exchange, "outside")


def _configuration(
    recipe: Recipe, variables: Mapping[str, str], places: Mapping[str, str]
) -> Configuration:
    own = (
        {"CATALOG_FILE": f"{places['catalog']}/models.json"}
        if recipe.model is None
        else {
            "MODEL_DIR": places["model"],
            "MODEL_NAME": recipe.model,
            "MODEL_VERSION": recipe.build_args["MODEL_VERSION"],
        }
    )
    return Configuration(
        handler=f"functions.{recipe.function}.handler.lambda_handler",
        name=recipe.name,
        directory=ROOT,
        python_path=(LAYER,),
        variables={"ORT_DISABLE_TELEMETRY": "1", **own, **variables},
        timeout_s=TIMEOUT_S,
        memory_mib=1_769,
    )


def _answers(environment: Environment, exchange: Exchange, side: str) -> Json:
    def ask(event: Json) -> Json:
        environment.wait_until_idle()
        answer: Json = orjson.loads(environment.invoke(orjson.dumps(event)))
        return answer

    try:
        return exchange.answers(ask, side)
    finally:
        environment.close()
