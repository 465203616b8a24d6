"""Outputs as the card has them: what of the graph's answers callers see, and how."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from serving.document import Table

Activation = Literal["softmax", "sigmoid"]
Take = Literal["argmax", "top-k"]

ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
TAKE: tuple[Take, ...] = get_args(Take)


class Output(NamedTuple):
    """A graph output under the name that callers see.

    `labels` name the classes of an integer output, or the columns of a wide one. What else there
    is happens in this order: the activation of a row; one column of it; whether that reaches the
    threshold. Or of all columns the highest, or the `k` highest.
    """

    name: str
    tensor: str
    description: str
    labels: tuple[str, ...]
    activation: Activation | None = None
    column: int | None = None
    threshold: float | None = None
    take: Take | None = None
    k: int | None = None

    @property
    def is_derived(self) -> bool:
        """Whether answers hold something else than the graph's own values."""
        return (self.activation, self.column, self.threshold, self.take) != (None, None, None, None)


def parse_outputs(table: Table) -> tuple[Output, ...]:
    return tuple(_output(name, entry) for name, entry in table.tables("outputs"))


def _output(name: str, table: Table) -> Output:
    output = Output(
        name=name,
        tensor=table.text("tensor", default=name),
        description=table.text("description"),
        labels=table.texts("labels"),
        activation=table.optional_choice("activation", ACTIVATIONS),
        column=table.optional("index", int),
        threshold=table.number("threshold"),
        take=table.optional_choice("take", TAKE),
        k=table.optional("k", int),
    )
    table.refuse_the_rest()
    _agree(output, table)
    return output


def _agree(output: Output, table: Table) -> None:
    if output.column is not None and output.column < 0:
        raise table.error("index", "a whole number from 0", str(output.column))
    if (output.take == "top-k") != (output.k is not None):
        got = "nothing" if output.k is None else str(output.k)
        raise table.error("k", 'a whole number exactly when take = "top-k"', got)
    if output.k is not None and output.k < 1:
        raise table.error("k", "a whole number from 1", str(output.k))
    single = {"index": output.column, "threshold": output.threshold}
    for key, value in single.items():
        if value is not None and output.take is not None:
            raise table.error(key, "none beside take", f"{value:g}")
        if value is not None and output.labels:
            raise table.error("labels", f"none beside {key}", ", ".join(output.labels))
