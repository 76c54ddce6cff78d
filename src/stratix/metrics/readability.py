"""How easily a text is read: Flesch's reading ease, brought to 0.0 to 1.0."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from stratix.metrics.base import Metric

if TYPE_CHECKING:
    from textstat.textstat import textstatistics


class Readability(Metric):
    """Flesch reading ease of English prose: 1.0 is very easy, 0.0 very hard.

    The formula is 206.835 - 1.015 * words per sentence - 84.6 * syllables per word; values outside 0 to
    100 are set to the nearer end, then divided by 100. textstat counts syllables by the hyphenation
    patterns of en_US and rounds both ratios to one decimal, so a value is good to about 0.05. The
    formula was made for passages of about 100 words: of an answer of a few words it says little. A
    text with hardly any English letters (numbers, other scripts) has no value.

    Source: R. Flesch, "A new readability yardstick", Journal of Applied Psychology 32(3), 1948,
    221-233; bands of ease in R. Flesch, "How to Write Plain English", 1979, chapter 2.
    """

    name = "readability"
    how = (
        "Flesch reading ease (Flesch 1948, by textstat for English), cut to 0-100 and divided by 100: "
        "1.0 very easy, 0.6 plain English, 0.0 very hard; says little about answers of a few words"
    )
    needs = ("textstat",)

    def measure(self, texts: Sequence[str]) -> list[float | None]:
        """Return the reading ease of each text; None where it has too few English letters to be read."""
        return [_ease(text) if _is_readable(text) else None for text in texts]


def _is_readable(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return bool(letters) and 2 * sum(map(str.isascii, letters)) >= len(letters)


def _ease(text: str) -> float:
    ease: float = _textstat().flesch_reading_ease(text)
    return min(max(ease / 100, 0.0), 1.0)


@cache
def _textstat() -> textstatistics:
    with warnings.catch_warnings():
        # It imports pkg_resources, which warns of its own end; the requirements pin a setuptools that has it.
        warnings.simplefilter("ignore")
        from textstat.textstat import textstatistics
    return textstatistics()  # Our own: the module's shared one may be set to another language.
