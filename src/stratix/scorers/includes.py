"""Includes: the truth occurs in the answer."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic.dataclasses import dataclass

from stratix.scorers import _text
from stratix.scorers._options import STRICT
from stratix.scorers.base import Score, Scorer, Target


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Includes(Scorer):
    """Right if an accepted answer occurs anywhere in the answer.

    It cannot tell "Paris" from "not Paris", and a long answer that names many things is right by
    chance; use it for short answers to closed questions. Source: the `includes` scorer of Inspect and
    of OpenAI Evals; whole words are ours.

    Attributes:
        ignore_case: "paris" occurs in "PARIS".
        whole_words: "art" does not occur in "party", nor "5" in "15" or "5.5".
        ignore_accents: "Bogota" occurs in "Bogotá".
    """

    name: ClassVar[str] = "includes"

    ignore_case: bool = True
    whole_words: bool = True
    ignore_accents: bool = False

    def normalise(self, text: str) -> str:
        """Return the form of a text in which, or for which, is searched."""
        form = _text.squash(_text.plain(_text.unify(text)))
        if self.ignore_case:
            form = form.casefold()
        return _text.without_accents(form) if self.ignore_accents else form

    def occurs(self, wanted: str, text: str) -> bool:
        """Tell whether a normalised text has the wanted one in it; never for an empty one."""
        if not wanted:
            return False
        if not self.whole_words:
            return wanted in text
        # Digits are bounded by more than letters are: 5 is not in 5.5, 1,500 or -5.
        before = (
            r"(?<![\w])(?<!\d[.,])(?<!-)"
            if wanted[0].isdigit()
            else r"(?<!\w)"
            if wanted[0].isalnum()
            else ""
        )
        after = r"(?!\w)(?![.,]\d)" if wanted[-1].isdigit() else r"(?!\w)" if wanted[-1].isalnum() else ""
        return re.search(before + re.escape(wanted) + after, text) is not None

    def score(self, answer: str, target: Target) -> Score:
        """Search the answer for each accepted answer."""
        text = self.normalise(answer)
        for accepted in target.accepted:
            wanted = self.normalise(accepted)
            if self.occurs(wanted, text):
                return Score.graded(1.0, accepted, f"contains {accepted!r}")
        return Score.graded(0.0, text, "contains no accepted answer")
