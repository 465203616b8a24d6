"""Whether the texts that were measured are as long as the card lets one be."""

from __future__ import annotations

from pathlib import Path

from cdk.deployed_model import deployed_models
from doctor.finding import Finding, Grade
from doctor.text_findings import text_findings
from tests import graphs
from tests.texts import CARD, save_reviews

VARIED = CARD.replace("max_tokens = 16", 'max_tokens = 16, padding = "longest"') + (
    "[golden]\ntolerance = 1e-4\n"
)
PAIRED = VARIED.replace("[outputs]", 'reply = { kind = "text", second_of = "review" }\n[outputs]')
SHORT = {"review": "I love it", "reply": "not good"}


def findings(directory: Path, card: str, **longer: str) -> list[Finding]:
    save_reviews(directory / "reviews" / "1", card=card)
    [model] = deployed_models(directory)
    return [*text_findings(model, [SHORT, SHORT | longer])]


def test_texts_shorter_than_they_may_be_are_warned_of(tmp_path: Path) -> None:
    # Three words, between two tokens of the model's own.
    assert findings(tmp_path, VARIED) == [
        Finding(
            Grade.WARNS,
            "texts",
            "the longest review that was measured has 5 tokens of 16: longer ones take more time "
            "and memory; keep one among the golden rows",
        )
    ]


def test_one_text_as_long_as_they_may_be_is_enough(tmp_path: Path) -> None:
    assert findings(tmp_path, VARIED, review="very " * 14) == [
        Finding(Grade.FINE, "texts", "the longest review that was measured has 16 tokens of 16")
    ]


def test_the_tokens_of_a_pair_count_together(tmp_path: Path) -> None:
    [found] = findings(tmp_path, PAIRED)

    assert found.sentence.startswith("the longest review that was measured has 8 tokens of 16: ")


def test_texts_that_are_padded_alike_take_alike(tmp_path: Path) -> None:
    assert findings(tmp_path, CARD) == [
        Finding(Grade.FINE, "texts", "each review is filled up to 16 tokens")
    ]


def test_a_model_of_numbers_has_no_texts(tmp_path: Path) -> None:
    graphs.save(graphs.total(), tmp_path / "adder" / "1")
    [model] = deployed_models(tmp_path)

    assert [*text_findings(model, [{}])] == []
