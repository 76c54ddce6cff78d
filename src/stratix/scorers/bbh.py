"""BIG-Bench Hard: the answer a chain of thought ends on, whatever the kind of its task."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from pydantic.dataclasses import dataclass

from stratix.scorers import _text, choice, numeric
from stratix.scorers._marked import marked
from stratix.scorers._options import STRICT
from stratix.scorers.base import Score, Scorer, Target

_OPPOSITE = {
    "yes": "no",
    "no": "yes",
    "true": "false",
    "false": "true",
    "valid": "invalid",
    "invalid": "valid",
}
_LETTER = re.compile(r"\([A-Z]\)")
_NUMBER = re.compile(r"-?[\d,]+(?:\.\d+)?")
_BRACKETS = re.compile(r"[\[\](){}<>\s]+")
_FIRST_SENTENCE = re.compile(r"(?<=\w)[.!?](?=\s|$)")
_RESULT = re.compile(r".*(?:\bis\b|=|\bto\b|→|:)\s*(?P<word>\w+)\W*$", re.DOTALL)
_NUMBERING = re.compile(r"^[ \t]*(?:\d+[.)]|[-•*])[ \t]+", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Bbh(Scorer):
    """Right if the answer ends on the truth, read by what kind of truth it is.

    "(B)" is read as a multiple choice, a number as a number; yes or no, true or false and valid or invalid as
    the one of the two words that the answer settles on; a row of brackets by its brackets alone; a list of
    words by its words in order, whatever separates them; anything else as a text. "So the answer is X." and
    its kin come first, then the last line, then the whole. Source: BIG-Bench Hard (Suzgun et al., 2022,
    arXiv:2210.09261), whose own scorer takes what follows "the answer is " and compares it exactly.
    """

    name: ClassVar[str] = "bbh"

    def score(self, answer: str, target: Target) -> Score:
        """Read the answer as the truth's kind demands, and compare."""
        truth = target.truth.strip()
        if _LETTER.fullmatch(truth):
            return choice.Choice().score(answer, target)
        if _NUMBER.fullmatch(truth):
            return numeric.Numeric().score(answer, target)
        if truth.casefold() in _OPPOSITE:
            return _judge(settled(answer, truth.casefold()), truth.casefold())
        if _BRACKETS.fullmatch(truth):
            return _judge(_brackets(answer), re.sub(r"\s", "", truth))
        if " " in truth:
            return _judge(_words(answer, truth.casefold().split()), truth.casefold())
        form = _text.bare(truth).casefold()
        found = next((text for text in _stated(answer) if _form(text) == form), None)
        return _judge(form if found else next(map(_form, _stated(answer)), None), form)


def _judge(found: str | None, truth: str) -> Score:
    if not found:
        return Score.unparsed("no answer of the kind asked for")
    return Score.graded(float(found == truth), found, f"the truth is {truth}")


def _form(text: str) -> str:
    return _text.bare(text).casefold()


def _stated(answer: str) -> Iterator[str]:
    """Yield what the answer may be, the likeliest first: marked answers, the last line, the whole."""
    for tail in reversed(marked(answer)):
        yield tail
        yield _FIRST_SENTENCE.split(tail, maxsplit=1)[0]
    lines = [line for line in answer.splitlines() if line.strip()]
    yield from reversed(lines[-1:])
    if len(lines) > 1:
        yield answer


def settled(answer: str, word: str) -> str | None:
    """Return which of a word and its opposite an answer settles on; None if on neither.

    Args:
        answer: the model's text.
        word: yes, no, true, false, valid or invalid.
    """
    pair = rf"{word}|{_OPPOSITE[word]}"
    text = _text.plain(_text.unify(answer)).strip().casefold()
    for tail in reversed(marked(text)):
        if found := _one(_FIRST_SENTENCE.split(tail, maxsplit=1)[0], pair):
            return found
    if leading := re.match(rf"\W*(?:({pair})\s*(?:[.,;:!\n-]|$)|(yes)\b)", text):
        return leading[1] or leading[2]
    lines = [line for line in text.splitlines() if line.strip()]
    return _one(lines[-1], pair) or _one(text, pair) if lines else None


def _one(text: str, pair: str) -> str | None:
    """Return the one word of the pair that a passage holds, begins with, or ends on as a result."""
    text = re.sub(rf"\bnot\s+({pair})\b", lambda m: _OPPOSITE[m[1]], text)
    found = re.findall(rf"\b(?:{pair})\b", text)
    if len(set(found)) == 1:
        return str(found[0])
    if leading := re.match(rf"\W*({pair})\s*(?:[.,;:!(-]|$)", text):
        return leading[1]
    result = _RESULT.match(text)
    return result["word"] if result and re.fullmatch(pair, result["word"]) else None


def _brackets(answer: str) -> str | None:
    for text in _stated(answer):
        if found := re.sub(r"[^\[\](){}<>]", "", text):
            return found
    return None


def _words(answer: str, truth: list[str]) -> str | None:
    """Return the words an answer lists, joined by spaces; of several lists one as long as the truth."""
    lists = []
    for text in (*_stated(answer), *_listed(answer)):
        words = re.split(r"[\s,;]+", _NUMBERING.sub("", _text.plain(_text.unify(text))).casefold())
        words = [word.strip(".:\"'[]()") for word in words]
        lists.append([word for word in words if word and (word != "and" or "and" in truth)])
    lists = [words for words in lists if words]
    return " ".join(next((words for words in lists if len(words) == len(truth)), lists[0])) if lists else None


def _listed(answer: str) -> Iterator[str]:
    """Yield where a list may stand: after the last colon, in a paragraph, in numbered lines."""
    yield answer.rpartition(":")[2]
    yield from reversed(re.split(r"\n\s*\n", answer))
    numbered = [line for line in answer.splitlines() if _NUMBERING.match(line)]
    yield "\n".join(numbered)
