"""Words that people rated for VADER, and phrases around them."""

# ruff: noqa: S311 - it varies phrases, and keeps no secrets

from __future__ import annotations

import random
from importlib.metadata import distribution
from pathlib import Path
from string import ascii_lowercase

from models.sentiment.rules import Rules
from models.sentiment.texts import Text, share

PHRASES = [
    "{}", "I {} it", "it is {}", "it was {}.", "very {}", "really {}!", "so {}", "what a {} day",
    "a {} film", "this is {}", "I feel {}", "the service was {}", "kind of {}", "extremely {}",
    "not {}", "it is not {}", "this isn't {}", "never {}", "it was not very {}", "hardly {}",
    "the food was {}, but the room was {}", "{} and {}", "{}, but {}", "not {} but {}",
]  # fmt: skip
# What matters for something good is good: VADER's rules take "critical" for a reproach.
MATTERS = ["{} is critical for {}", "{} is critical to {}", "{} matters for {}", "{} is key to {}"]


def rated_words() -> list[Text]:
    """The words and emoticons of the lexicon, each rated by ten people."""
    file = distribution("vaderSentiment").locate_file("vaderSentiment/vader_lexicon.txt")
    rows = [line.split("\t") for line in Path(str(file)).read_text("utf-8").splitlines()]
    return [Text(row[0], share(row[3])) for row in rows]


def rated_phrases() -> list[Text]:
    """A phrase around every word of the lexicon, rated by VADER's rules."""
    rules = Rules()
    words = rules.words
    texts = (random.choice(PHRASES).format(word, random.choice(words)) for word in words)
    return [Text(text, rules.share(text)) for text in texts]


def phrases_of_importance(words: list[Text]) -> list[Text]:
    """What a thing with a made-up name is said to matter for, rated as that is."""
    return [
        Text(random.choice(MATTERS).format(made_up_name(), word.text), word.share)
        for word in words
        if word.text.isalpha()
    ]


def made_up_name() -> str:
    return "".join(random.choices(ascii_lowercase, k=random.randint(2, 8)))
