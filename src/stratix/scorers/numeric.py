"""Numeric answers: the number an answer ends on, in whatever notation."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise
from typing import ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass

from stratix.scorers import _numbers
from stratix.scorers._marked import marked
from stratix.scorers._numbers import Number
from stratix.scorers._options import STRICT
from stratix.scorers.base import Score, Scorer, Target

_HEDGE = re.compile(
    r"[\s:=≈~$(\"'\[]*(?:(?:about|approximately|roughly|around|exactly|only|just|therefore|thus|a\s+total\s+of|equal\s+to|"
    r"[a-zA-Z]\s*=)[\s:=≈~]*)*\(?$"
)
_SENTENCE_END = re.compile(r"\n|(?<=[\w)%$*])[.!;](?=\s)")
_REASON = re.compile(rf"{_SENTENCE_END.pattern}|\b(?:because|since|given that)\b", re.IGNORECASE)
# "$64 ($24 + $40)" says how, not what.
_SUM = re.compile(r"\([^()\n]{0,200}\d\s?[-+*/×÷]\s?[$€£]?\d[^()\n]{0,200}\)")
_CLOSING = re.compile(
    r"^[ \t]*(?:let me know|i hope|hope (?:this|that)|feel free|if you (?:have|need|want|would))\b.*\Z",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
# What may stand between two numbers of an equation, units and brackets included.
_RESULT = (
    r"=|≈|→|\b(?:is|are|was|equals?|makes?|making|gives?|giving|totals?|comes\s+to|results\s+in|yields?|"
    r"gets?|or|so|thus|therefore)\b"
)
_UNIT = rf"(?:(?!{_RESULT})[a-zA-Z%$()\"']+\s*)"
_OPERATOR = re.compile(
    rf"[\s)]*{_UNIT}{{0,3}}(?:[-+*/×÷·x^]|\\(?:times|cdot|div)\b|"
    r"\b(?:and|plus|minus|times|(?:multiplied|divided|added|increased|reduced|raised)\s+(?:by|to)|over|"
    rf"(?:more|less|fewer)\s+than|less|of|per|at)\b)\s*{_UNIT}{{0,3}}"
)
_EQUALS = re.compile(rf"(?:[^.;\n]{{0,40}}[\s),%$])?(?:{_RESULT})[^.;\n]{{0,25}}")
_AGAIN = re.compile(r"[\s,;:)(]*(?:(?:and|then|so)\s+)*[$(]*")
_BOLD = re.compile(r"\*\*(?P<bold>[^*\n]+)\*\*")


def extract(text: str) -> Number | None:
    r"""Return the number a text gives as its answer; None if it holds none.

    The last marked final answer wins (`#### 18`, "The answer is 18", `\boxed{18}`, "A: 18"); then the
    last number in bold in the last sentence; then the last number of the text, ordinals and closing words
    ("Let me know if ...") aside. A marked answer is the number it begins with, the result of its equation,
    or else its last number.
    """
    plain = _numbers.prepare(text)
    for tail in reversed(marked(plain)):
        if number := _stated(tail):
            return number
    text = _CLOSING.sub("", text).strip()
    for bold in reversed(list(_BOLD.finditer(_SENTENCE_END.split(text)[-1]))):
        if len(numbers := _numbers.find(_numbers.prepare(bold["bold"]))) == 1:
            return numbers[0]
    plain = _numbers.prepare(text)
    return _last(_SUM.sub(" ", plain)) or _last(plain)


def _stated(tail: str) -> Number | None:
    """Return the number that a marked answer states."""
    sentence = _REASON.split(tail, maxsplit=1)[0]
    numbers = _numbers.find(sentence)
    if not numbers:
        return None
    if _HEDGE.match(sentence[: numbers[0].start]):
        return _result(sentence, numbers)
    equals = sentence.rfind("=")
    results = [number for number in numbers if number.start > equals >= 0]
    return results[0] if len(results) == 1 else _last(sentence)


def _result(sentence: str, numbers: list[Number]) -> Number:
    """Return the first number, or the result of the equation that begins with it."""
    result, in_term = numbers[0], False
    for one, other in pairwise(numbers):
        gap = sentence[one.end : other.start]
        if _OPERATOR.fullmatch(gap):
            in_term = True
        elif in_term and _EQUALS.fullmatch(gap):
            result, in_term = other, False
        elif not (other.value == result.value and _AGAIN.fullmatch(gap)):  # "= 15, 15 - 2 = 13"
            break
    return result


def _last(text: str) -> Number | None:
    numbers = _numbers.find(text)
    cardinals = [number for number in numbers if not number.ordinal]
    return next(reversed(cardinals or numbers), None)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Numeric(Scorer):
    """Right if the number the answer ends on equals the truth.

    Thousands separators, currencies, units, fractions, percents ("42%" equals 42 and 0.42), powers,
    scientific notation, magnitudes ("2 million") and number words are read. A decimal comma is read only
    where it cannot be taken for anything else ("1.234,50"). The truth is read the same way, so it may be a
    whole solution that ends on `#### 18`. Source: the answer format of GSM8K (Cobbe et al., 2021,
    arXiv:2110.14168); the flexible extraction of the Language Model Evaluation Harness takes the last number
    whatever is marked, and this one does not.

    Attributes:
        tolerance: the absolute difference that is still right.
        relative_tolerance: the difference as a share of the truth that is still right; None for a
            millionth where either number has decimals, and nothing between whole numbers.
    """

    name: ClassVar[str] = "numeric"

    tolerance: float = Field(default=0.0, ge=0)
    relative_tolerance: float | None = Field(default=None, ge=0, lt=1)

    def score(self, answer: str, target: Target) -> Score:
        """Compare the answer's number with the number of each accepted answer.

        Raises:
            ValueError: an accepted answer has no number in it.
        """
        number = extract(answer)
        if number is None:
            return Score.unparsed("no number in the answer")
        for accepted in target.accepted:
            truth = extract(accepted)
            if truth is None:
                raise ValueError(f"the truth {accepted!r} has no number in it")
            if any(self._close(ours, gold) for ours in number.readings for gold in truth.readings):
                return Score.graded(1.0, str(number), f"equals {truth}")
        return Score.graded(0.0, str(number), f"differs from {extract(target.truth)}")

    def _close(self, ours: Fraction, gold: Fraction) -> bool:
        share = self.relative_tolerance
        if share is None:
            share = 0.0 if ours.denominator == gold.denominator == 1 else 1e-6
        return abs(ours - gold) <= max(Fraction(self.tolerance), Fraction(share) * abs(gold))
