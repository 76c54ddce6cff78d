"""BLEU: how many n-grams of an answer stand in a reference text."""

from __future__ import annotations

from functools import cache
from typing import ClassVar, Literal

from pydantic.dataclasses import dataclass
from sacrebleu import BLEU

from stratix.scorers._options import STRICT
from stratix.scorers.base import Score, Scorer, Target

_metric = cache(BLEU)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Bleu(Scorer):
    """The sentence BLEU of the answer against all accepted answers, as sacrebleu computes it, 0.0 to 1.0.

    Smoothed exponentially, by the orders the answer is long enough for. The mean over an evaluation is not
    the corpus BLEU of the literature, which counts n-grams over all sentences. Source: Papineni et al., 2002
    (aclanthology.org/P02-1040); Post, 2018 (arXiv:1804.08771).

    Attributes:
        tokenize: `13a` for languages with spaces, `intl` for more of Unicode's punctuation, `zh` for
            Chinese, `char` for single characters, `none` for texts that are tokenized.
        lowercase: whether case counts nothing.
    """

    name: ClassVar[str] = "bleu"
    blocking: ClassVar[bool] = True

    tokenize: Literal["13a", "intl", "zh", "char", "none"] = "13a"
    lowercase: bool = False

    def score(self, answer: str, target: Target) -> Score:
        """Compare with all accepted answers at once, as references."""
        metric = _metric(tokenize=self.tokenize, lowercase=self.lowercase, effective_order=True)
        references = [truth.strip() for truth in target.accepted]
        if answer.strip() in references:  # an empty one too, for which BLEU is not defined
            value = 1.0
        else:
            value = round(metric.sentence_score(answer.strip(), references).score / 100, 9)
        return Score.graded(value, answer.strip(), f"BLEU {100 * value:.1f}")
