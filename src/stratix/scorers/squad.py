"""SQuAD: exact match and token F1 of short answers."""

from __future__ import annotations

import re
import string
from typing import ClassVar, Literal

from pydantic.dataclasses import dataclass

from stratix.scorers import _overlap
from stratix.scorers._options import STRICT
from stratix.scorers.base import Score, Scorer, Target

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """Return a text as SQuAD compares it: lower case, no ASCII punctuation, articles or doubled spaces."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def f1(answer: str, truth: str) -> float:
    """Return the F1 of the tokens two texts share, 0.0 to 1.0; 1.0 if both are empty."""
    ours, gold = normalise(answer).split(), normalise(truth).split()
    return _overlap.share(_overlap.shared(ours, gold), len(ours), len(gold))


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Squad(Scorer):
    """The best agreement of the whole answer with an accepted answer, by the rules of SQuAD.

    An empty truth (a question without an answer, SQuAD 2.0) is met by an empty answer alone. Nothing is
    extracted: a whole sentence loses precision, as in the published protocol. Source: Rajpurkar et al.,
    2016 (arXiv:1606.05250) and its evaluation script; empty answers as in Rajpurkar et al., 2018
    (arXiv:1806.03822).

    Attributes:
        metric: `f1`, graded by shared tokens, or `em`, all or nothing.
    """

    name: ClassVar[str] = "squad"

    metric: Literal["f1", "em"] = "f1"

    def score(self, answer: str, target: Target) -> Score:
        """Compare with every accepted answer and keep the best value."""
        if self.metric == "f1":
            value = max(f1(answer, truth) for truth in target.accepted)
        else:
            value = float(normalise(answer) in map(normalise, target.accepted))
        return Score.graded(value, normalise(answer), f"{self.metric} {value:.3f}")
