"""Mathematical equivalence: an answer that means what the truth means, however it is written."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass

from stratix.scorers import _formulas, _math, _text, numeric
from stratix.scorers._marked import marked
from stratix.scorers._options import STRICT
from stratix.scorers.base import Score, Scorer, Target

_SENTENCE_END = re.compile(
    r"(?<=[\w)\]}%$*])(?:[.;](?=\s|$)|!(?=\s))|\n\n|,?\s+\b(?:because|since|given that|where)\b",
    re.IGNORECASE,
)
_BOXES = re.compile(
    r"(?P<box>\\boxed\s*\{[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}\s*\$?\s*"
    r"(?:,|,?\s*(?:\\text\{)?\s*(?:and|or)\s*\}?)\s*\$?\s*\\boxed\s*\{"
)
_BASE = re.compile(r"^[\dA-F]+_\{?(\d+)\}?$")
_OPTION = re.compile(r"[\s$*]*(?:\\text(?:bf)?\{)?\(([A-Z])\)")
_NUMBER = re.compile(r"-?[\d,.]*\d")
_SPACE = re.compile(r"\\left|\\right|\\[!,;: ]|\s|\$")


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Math(Scorer):
    r"""Right if the answer is mathematically equal to the truth.

    The last marked answer counts (`\boxed{}`, "The answer is"), then the last line, then the last formula.
    Fractions, decimals, radicals, percents, intervals and inequalities, sets in any order, tuples in order,
    matrices and equations are compared by meaning, units aside; a truth in words ("\text{Evelyn}", "(C)",
    "6:30") by its words. Needs `math-verify`, which runs in a process of its own, killed when it takes too
    long: that is a TimeoutError, not a wrong answer. Source: the protocol of MATH (Hendrycks et al., 2021,
    arXiv:2103.03874), judged by math-verify (Hugging Face, version 0.9).

    Attributes:
        seconds: the processor's time one comparison may take.
    """

    name: ClassVar[str] = "math"
    blocking: ClassVar[bool] = True
    parallel: ClassVar[bool] = True

    seconds: float = Field(default=10.0, gt=0, le=600)

    def score(self, answer: str, target: Target) -> Score:
        """Compare the answer with each accepted answer.

        Raises:
            ValueError: no accepted answer can be read as mathematics.
            TimeoutError: the comparison took too long.
            RuntimeError: the library broke down.
        """
        passages = _passages(answer)
        for truth in target.accepted:
            if text := _formulas.words(truth):
                if text in map(_said, passages):
                    return Score.graded(1.0, text, f"says {truth}")
            elif _squeeze(truth) in map(_squeeze, passages[:1]):
                return Score.graded(1.0, truth, f"is {truth}")
        if all(map(_formulas.words, target.accepted)):
            return _other_words(answer, target)
        candidates = _candidates(answer, passages)
        if not candidates:
            return Score.unparsed("no formula in the answer")
        gold = [formula for truth in target.accepted for formula in _formulas.readings(truth)[:1]]
        found = _math.compare(gold, candidates, self.seconds)
        if not found.gold:
            raise ValueError(f"the truth {target.truth!r} is no formula that math-verify can read")
        if found.formula is None:
            return Score.unparsed("no formula in the answer that can be read")
        equal = found.equal and not _other_base(found.formula, gold)
        return Score.graded(
            float(equal), found.formula, f"{'equals' if equal else 'differs from'} {target.truth}"
        )


def _passages(answer: str) -> list[str]:
    """Return where the answer may be stated, the likeliest first: its marks, then its last line."""
    while (joined := _BOXES.sub(r"\g<box>, ", answer)) != answer:  # "\boxed{1} and \boxed{2}" is one answer
        answer = joined
    marks = [_SENTENCE_END.split(tail, maxsplit=1)[0] for tail in reversed(marked(answer))]
    if marks:
        return marks
    lines = [line for line in answer.splitlines() if line.strip(" $*`[]\\")]
    return [lines[-1]] if lines else []


def _candidates(answer: str, passages: list[str]) -> list[list[str]]:
    found = []
    for passage in passages:
        formulas = _formulas.readings(passage)
        if formulas and _NUMBER.fullmatch(formulas[0]) and (number := numeric.extract(f"#### {passage}")):
            formulas = [str(number), *formulas[1:]]  # of "6 times 2 is 12" the result
        found.append(formulas)
    if not any(found) and (number := numeric.extract(answer)):
        found.append([str(number)])
    return [formulas for formulas in found if formulas]


def _said(passage: str) -> str:
    """Return the words of a passage as those of a truth are given."""
    if option := _OPTION.match(passage):
        return option[1].casefold()
    return _formulas.words(passage) or _text.bare(passage).strip("()").casefold()


def _other_words(answer: str, target: Target) -> Score:
    """Judge an answer that does not say the words of the truth as they are."""
    passages = _passages(answer)
    if not passages:
        return Score.unparsed("the answer is empty")
    said = _said(passages[0])
    if not marked(answer) and len(said.split()) > 6:
        return Score.unparsed("no answer is marked")
    return Score.graded(0.0, said, f"differs from {target.truth}")


def _squeeze(text: str) -> str:
    return _SPACE.sub("", text.replace("dfrac", "frac").replace("tfrac", "frac")).rstrip(".")


def _other_base(formula: str, gold: list[str]) -> bool:
    """Tell whether a numeral states another base than every accepted one: `42_5` is not `42_7`."""
    ours = _BASE.match(formula)
    bases = {match[1] for truth in gold if (match := _BASE.match(truth))}
    return ours is not None and bool(bases) and ours[1] not in bases
