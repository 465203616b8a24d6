"""Whether the texts that were measured are as long as the card lets one be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tokenizers import Tokenizer

from cdk.deployed_model import DeployedModel
from doctor.finding import Finding, Grade
from doctor.sample import Row
from serving.card_texts import TextOptions

# A text, or a pair of them.
Texts = tuple[str, str | None]
WHAT = "texts"


def text_findings(model: DeployedModel, rows: Sequence[Row]) -> Iterator[Finding]:
    """`rows` are those that were measured."""
    features = [column.feature for column in model.columns if column.feature is not None]
    for feature in features:
        if feature.text is not None:
            second = next((f.name for f in features if f.second_of == feature.name), None)
            texts = [(_text(row, feature.name), second and _text(row, second)) for row in rows]
            yield _finding(model, feature.name, feature.text, texts)


def _text(row: Row, name: str) -> str:
    """Empty where there is none, whatever the card has it filled with."""
    return row.get(name) or ""


def _finding(
    model: DeployedModel, name: str, options: TextOptions, texts: Sequence[Texts]
) -> Finding:
    most = options.max_tokens or 0
    if options.padding == "fixed":
        return Finding(Grade.FINE, WHAT, f"each {name} is filled up to {most:,} tokens")
    longest = _tokens(str(model.directory / options.tokenizer), texts)
    sentence = f"the longest {name} that was measured has {longest:,} tokens of {most:,}"
    if longest >= most:
        return Finding(Grade.FINE, WHAT, sentence)
    sentence += ": longer ones take more time and memory; keep one among the golden rows"
    return Finding(Grade.WARNS, WHAT, sentence)


def _tokens(tokenizer_path: str, texts: Sequence[Texts]) -> int:
    """Of the longest, before it is cut."""
    tokenizer = Tokenizer.from_file(tokenizer_path)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return max(len(tokenizer.encode(first, second).ids) for first, second in texts)
