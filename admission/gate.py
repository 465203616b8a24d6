"""The gate: every check of a version, in their order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from onnx import ModelProto

from admission.allocations import require_allocatable
from admission.canonical import canonical
from admission.card_files import require_card_files
from admission.external_data import require_data_inside
from admission.folding import folded
from admission.graph import declared_signature, read_model
from admission.graph_limits import require_shallow, require_within_limits
from admission.influence import require_bounded_influence
from admission.loops import require_ends
from admission.operators import require_known_operators
from admission.soundness import sound
from admission.version_files import require_plain_files
from admission.weights import require_honest_weights
from serving.card import Card
from serving.errors import ConfigurationError
from serving.features import Columns, plan
from serving.predictions import NamedOutput, named_outputs
from serving.repository import MODEL_FILE
from serving.signature import Signature


class Admitted(NamedTuple):
    """What a version is, to whom its card and its graph are all there is."""

    signature: Signature
    columns: Columns
    outputs: tuple[NamedOutput, ...]


def admit(version_directory: Path, card: Card) -> Admitted:
    """Raises ConfigurationError, which says what and where and what to do, where a version would
    fail, harm or mislead whoever serves or calls it. Nothing is run, and no session opened; each
    check stands on those before it."""
    require_plain_files(version_directory)
    path = version_directory / MODEL_FILE
    model = read_model(path)
    with _naming(path):
        graph = _harmless(model, version_directory, extensions=card.extensions)
        signature = declared_signature(model)
    require_card_files(card, version_directory)
    columns, outputs = plan(signature, card), named_outputs(signature, card)
    with _naming(path):
        require_bounded_influence(graph, columns)
    return Admitted(signature, columns, outputs)


def _harmless(model: ModelProto, version_directory: Path, *, extensions: bool) -> ModelProto:
    """In canonical form, with types and shapes as far as they can be told."""
    require_within_limits(model)
    require_known_operators(model, extensions=extensions)
    require_honest_weights(model)
    require_data_inside(model, version_directory)
    whole = canonical(model)
    require_shallow(whole.graph.node)
    graph = sound(whole)
    plain = folded(graph)
    for form in (graph, plain):
        require_allocatable(form)
    require_ends(plain)
    return graph


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    except (TypeError, ValueError) as error:  # of types that are none, and of text that is no UTF-8
        raise ConfigurationError(f"{path}: expected an ONNX model, but {error}") from error
