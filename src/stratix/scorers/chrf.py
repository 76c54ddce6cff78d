"""chrF: how many character n-grams an answer shares with a reference text."""

from __future__ import annotations

from functools import cache
from typing import ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass
from sacrebleu import CHRF

from stratix.scorers._options import STRICT
from stratix.scorers.base import Score, Scorer, Target

_metric = cache(CHRF)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Chrf(Scorer):
    """The best chrF of the answer against an accepted answer, as sacrebleu computes it, 0.0 to 1.0.

    Source: Popović, 2015 (aclanthology.org/W15-3049); with words, chrF++, Popović, 2017
    (aclanthology.org/W17-4770).

    Attributes:
        word_order: the longest n-grams of words that count too: 0 for chrF, 2 for chrF++.
        lowercase: whether case counts nothing.
    """

    name: ClassVar[str] = "chrf"
    blocking: ClassVar[bool] = True

    word_order: int = Field(default=0, ge=0, le=4)
    lowercase: bool = False

    def score(self, answer: str, target: Target) -> Score:
        """Compare with every accepted answer and keep the best value."""
        metric = _metric(word_order=self.word_order, lowercase=self.lowercase)
        references = [truth.strip() for truth in target.accepted]
        if answer.strip() in references:  # an empty one too, for which chrF is not defined
            value = 1.0
        else:
            value = round(metric.sentence_score(answer.strip(), references).score / 100, 9)
        return Score.graded(value, answer.strip(), f"chrF {100 * value:.1f}")
