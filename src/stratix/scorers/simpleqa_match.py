"""SimpleQA without a judge: the gold answer occurs in the answer."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic.dataclasses import dataclass

from stratix.scorers import _text
from stratix.scorers._options import STRICT
from stratix.scorers.base import Score, Scorer, Target

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_MONTH_FIRST = re.compile(rf"\b({_MONTHS})\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,)?\s+(?:of\s+)?(\d{{4}})\b")
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_MONTHS})(?:\s*,)?\s+(\d{{4}})\b")
_YEAR_FIRST = re.compile(r"(?<![\w-])(\d{4})-(0[1-9]|1[0-2])-(\d\d)(?![\w-])")
_INITIALS = re.compile(r"\b([^\W\d_])\.\s+(?=[^\W\d_]\.)")
_AMOUNT = re.compile(
    r"(?<!\d)(\d+(?:\.\d+)?(?:\s+(?:thousand|million|billion|trillion))?)\s+(?:us\s+)?(dollars?|euros?|pounds?)\b"
)
_CURRENCY = {"d": "$", "e": "€", "p": "£"}
_SEPARATOR = re.compile(r"(?<=\d),(?=\d{3}\b)")
_TOKEN = re.compile(r"(?<!\w)-?\d+(?:[.:]\d+)*|[^\W_]+|[%€$£°]")


def _tokens(text: str) -> list[str]:
    text = _text.without_accents(_text.plain(_text.unify(text)).casefold())
    text = _YEAR_FIRST.sub(lambda m: f"{int(m[3])} {_MONTHS.split('|')[int(m[2]) - 1]} {m[1]}", text)
    text = _DAY_FIRST.sub(r"\1 \2 \3", _MONTH_FIRST.sub(r"\2 \1 \3", text))
    text = _INITIALS.sub(r"\1.", re.sub(r"'s\b", "", text))
    text = re.sub(r"(?<=\w)['.](?=\w)(?<!\d.)", "", _SEPARATOR.sub("", text))
    text = _AMOUNT.sub(lambda m: f"{_CURRENCY[m[2][0]]}{m[1]}", text)
    return [token for token in _TOKEN.findall(text) if token not in ("a", "an", "the")]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SimpleqaMatch(Scorer):
    """Right if the gold answer occurs in the answer, word for word after normalisation.

    This is not the published protocol. SimpleQA (Wei et al., 2024, arXiv:2411.04368) is graded by a model
    as correct, incorrect or not attempted; that grading forgives wording and catches contradictions, and
    this match does neither. Its numbers are lower where answers are worded otherwise, higher where they
    hedge, and are not to be compared with published ones. An answer such as "I don't know" is incorrect
    here. Case, accents, punctuation, articles, possessives, thousands separators, the way a full date or an
    amount of money is written and spaces between initials are ignored. Source: the has-answer match of
    open-domain question answering (Chen et al., 2017, arXiv:1704.00051).
    """

    name: ClassVar[str] = "simpleqa_match"

    def score(self, answer: str, target: Target) -> Score:
        """Search the answer for each accepted answer.

        Raises:
            ValueError: an accepted answer has nothing left to search for.
        """
        tokens = _tokens(answer)
        for accepted in target.accepted:
            wanted = _tokens(accepted)
            if not wanted:
                raise ValueError(f"the truth {accepted!r} has no word or number to look for")
            if any(tokens[i : i + len(wanted)] == wanted for i in range(len(tokens) - len(wanted) + 1)):
                return Score.graded(1.0, accepted, f"contains {accepted!r}")
        return Score.graded(0.0, _text.squash(answer), "does not contain the gold answer")
