"""Token F1: how many words an answer shares with its truth, in any language."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic.dataclasses import dataclass

from stratix.scorers import _overlap, _text
from stratix.scorers._options import STRICT
from stratix.scorers._overlap import Measure
from stratix.scorers.base import Score, Scorer, Target

# One character a token where words are not spaced: Thai and its neighbours, kana, Han.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_UNSPACED}][\u0300-\u036f]*|(?:(?![{_UNSPACED}])[^\W_])+")


def tokens(text: str, *, ignore_case: bool = True) -> list[str]:
    """Return the words of a text; the characters where its script has no spaces between words."""
    form = _text.unify(text)
    return _TOKEN.findall(form.casefold() if ignore_case else form)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TokenF1(Scorer):
    """The best overlap of the answer's words with those of an accepted answer, whatever their order.

    Unlike `squad` it drops no English articles and reads scripts without spaces by characters, so it serves
    every language; for English benchmarks with published numbers use `squad`. Source: the F1 of SQuAD
    (Rajpurkar et al., 2016, arXiv:1606.05250), split as in MLQA (Lewis et al., 2020, arXiv:1910.07475).

    Attributes:
        measure: `f1`, or `precision` or `recall` alone.
        ignore_case: "Nile" is "nile".
    """

    name: ClassVar[str] = "token_f1"

    measure: Measure = "f1"
    ignore_case: bool = True

    def score(self, answer: str, target: Target) -> Score:
        """Compare with every accepted answer and keep the best value."""
        ours = tokens(answer, ignore_case=self.ignore_case)
        golds = [tokens(truth, ignore_case=self.ignore_case) for truth in target.accepted]
        value = max(
            _overlap.share(_overlap.shared(ours, gold), len(ours), len(gold), self.measure) for gold in golds
        )
        return Score.graded(value, " ".join(ours), f"{self.measure} {value:.3f} over tokens")
