"""What can be wrong with an answer that shows in the answer itself."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from stratix.analysis.summary import kinds

if TYPE_CHECKING:
    from stratix.analysis.summary.facts import Text

PATTERNS = {
    "close": "the number is within 10% of the expected one",
    "year": "the year is off by 3 or less",
    "power": "the number is the expected one times a power of ten",
    "sign": "the number has the wrong sign",
    "contains": "the answer holds the expected one word for word and still counts as wrong",
    "hedge": "the answer hedges or says that it does not know",
    "question": "most of the answer repeats the question",
    "loop": "the answer says the same over and over",
    "language": "the answer is in another language than the question",
}
"""Patterns by their keys, in words that go on after "In N of M wrong answers"."""

LIMITS = {"close": 0.1, "year": 3}
"""The figures in those words."""

ALONE = frozenset({"close", "year", "power", "sign", "contains"})
"""Patterns that only a wrong answer can show; the others are named only if right ones show them less."""

_SEEN = 2000
_SHORT_WORDS = 8
_SHORT_ANSWER = 40
_LONG = 400
_HEDGE = re.compile(
    r"\b(?:i(?:'m| am) not (?:entirely |completely )?(?:sure|certain)|i (?:do not|don't) (?:actually )?"
    r"(?:know|have (?:enough|access|any|that|this|specific))|(?:can ?not|can't|could not|couldn't|unable to) "
    r"(?:be )?(?:determine|verify|find|confirm|answer|provide)|"
    r"(?:not enough|insufficient) information|"
    r"no (?:reliable )?information|it is (?:unclear|not clear|difficult to say)|as an ai\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_SEEN_OF_LANGUAGE = 200
_SEEN_OF_REPETITION = 600
_LAST_LATIN = 0x24F
_FEWEST_LETTERS = 40
_FEWEST_OTHERS = 5
_FEWEST_SMALL_WORDS = 3
_ENGLISH = re.compile(r"\b(?:the|is|are|was|of|and|to|that|this|it|for|with)\b", re.IGNORECASE)
# The commonest small words of the other large languages in Latin letters.
_OTHERS = re.compile(
    r"\b(?:el|los|las|una|que|por|del|der|die|das|und|nicht|ist|ein|le|les|des|une|est|dans|di|che|per|non|"
    r"una|il|os|uma|não|para|het|een|niet|van|och|att|det|og|jest|nie|się|ve|bir|yang|dan|của|là)\b",
    re.IGNORECASE,
)


def flags(text: Text, kind: str, asked_in: str) -> list[str]:
    """Return which patterns an answer shows, keys of `PATTERNS`.

    Args:
        text: the answer with its prompt.
        kind: of the expected answer.
        asked_in: the language of the questions; "" where it is not known.
    """
    seen = text.answer[:_SEEN].replace("’", "'")
    found = []
    if _HEDGE.search(seen):
        found.append("hedge")
    if kind != "code" and _is_repetition(text.prompt, seen):
        found.append("question")
    if is_loop(text.answer):
        found.append("loop")
    if asked_in and kind != "code" and language(seen) not in {"", asked_in}:
        found.append("language")
    if not text.is_right:
        if kind == "number":
            found += _numeric(kinds.number(text.extracted), kinds.number(text.truth))
        elif kind in {"word", "phrase", "date"} and _contains(seen, text.truth):
            found.append("contains")
    return found


def is_loop(answer: str) -> bool:
    """Tell whether an answer repeats itself so much that it can be told by its compression."""
    if len(answer) < _LONG:
        return False
    raw = answer[:20_000].encode("utf-8", "replace")
    return len(zlib.compress(raw, 6)) < 0.12 * len(raw)


def _is_repetition(prompt: str, answer: str) -> bool:
    """Tell whether most runs of four words of an answer stand in its question."""
    words = _WORD.findall(answer[:_SEEN_OF_REPETITION].lower())
    if len(words) < _SHORT_WORDS:
        return False
    asked = _WORD.findall(prompt[:_SEEN].lower())
    known = set(zip(asked, asked[1:], asked[2:], asked[3:], strict=False))
    runs = list(zip(words, words[1:], words[2:], words[3:], strict=False))
    return sum(run in known for run in runs) > 0.7 * len(runs)


def _numeric(given: float | None, expected: float | None) -> list[str]:
    if given is None or expected is None or given == expected or not expected:
        return []
    if all(number.is_integer() and 1000 <= number <= 2100 for number in (given, expected)):
        return ["year"] if abs(given - expected) <= LIMITS["year"] else []
    ratio = given / expected
    if ratio == -1:
        return ["sign"]
    if abs(ratio - 1) <= LIMITS["close"]:
        return ["close"]
    if any(abs(ratio * 10.0**power - 1) < 1e-9 for power in (-3, -2, -1, 1, 2, 3)):
        return ["power"]
    return []


def _contains(answer: str, truth: str) -> bool:
    wanted, words = _WORD.findall(truth.lower()), _WORD.findall(answer.lower())
    # Where an answer is long, a word of it is no sign that it was given as the answer.
    if not wanted or sum(map(len, wanted)) < 3 or not len(wanted) < len(words) <= _SHORT_ANSWER:
        return False
    return f" {' '.join(wanted)} " in f" {' '.join(words)} "


def language(text: str) -> str:
    """Return the language a text is in, as its ISO 639-1 code; "" where it is too short to tell.

    Source: py3langid, after Lui and Baldwin, "langid.py: an off-the-shelf language identification tool",
    2012.
    """
    seen = text[:_SEEN_OF_LANGUAGE]
    letters = sum(map(str.isalpha, seen))
    if sum(ord(character) > _LAST_LATIN for character in seen) < _FEWEST_OTHERS:
        # Names are in no language, so a text in Latin letters must be a sentence to be told.
        if letters < _FEWEST_LETTERS or len(seen.split()) < _SHORT_WORDS:
            return ""
        english, other = len(_ENGLISH.findall(seen)), len(_OTHERS.findall(seen))
        if english >= other or other < _FEWEST_SMALL_WORDS:
            return "en" if english else ""
    # Half a second and 75 MB, for the few evaluations that get here.
    import py3langid

    code: str = py3langid.classify(seen)[0]
    return code
