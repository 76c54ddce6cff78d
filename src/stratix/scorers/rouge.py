"""ROUGE: how much of a reference text an answer covers, by n-grams or by common subsequence."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from pydantic.dataclasses import dataclass

from stratix.scorers import _overlap
from stratix.scorers._options import STRICT
from stratix.scorers._overlap import Measure
from stratix.scorers.base import Score, Scorer, Target

_TOKEN = re.compile(r"[^\W_]+")


def rouge(
    answer: str, reference: str, kind: Literal["rouge1", "rouge2", "rougeL"], measure: Measure = "f1"
) -> float:
    """Return the ROUGE of an answer against one reference, 0.0 to 1.0."""
    ours, gold = (_TOKEN.findall(text.lower()) for text in (answer, reference))
    if kind == "rougeL":
        return _overlap.share(_overlap.common(ours, gold), len(ours), len(gold), measure)
    size = int(kind[-1])
    if ours == gold:
        return 1.0  # one word has no pairs, and yet it is covered
    our_grams, gold_grams = (list(zip(*(t[i:] for i in range(size)), strict=False)) for t in (ours, gold))
    if not our_grams or not gold_grams:
        return 0.0
    return _overlap.share(_overlap.shared(our_grams, gold_grams), len(our_grams), len(gold_grams), measure)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Rouge(Scorer):
    """The best ROUGE of the answer against an accepted answer.

    For English the same numbers as the package `rouge-score` without its stemmer, to which a text of one word
    has no ROUGE-2; letters of other scripts are words here and not there. Source: Lin, "ROUGE: a package for
    automatic evaluation of summaries", 2004 (aclanthology.org/W04-1013).

    Attributes:
        kind: `rouge1` or `rouge2`, shared words or pairs of words; `rougeL`, the longest common subsequence.
        measure: `f1`, or `precision` or `recall` alone.
    """

    name: ClassVar[str] = "rouge"
    blocking: ClassVar[bool] = True

    kind: Literal["rouge1", "rouge2", "rougeL"] = "rougeL"
    measure: Measure = "f1"

    def score(self, answer: str, target: Target) -> Score:
        """Compare with every accepted answer and keep the best value."""
        value = max(rouge(answer, truth, self.kind, self.measure) for truth in target.accepted)
        return Score.graded(value, answer.strip(), f"{self.kind} {self.measure} {value:.3f}")
