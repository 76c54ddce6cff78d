"""What kind of answer a prompt expects, told from its truth."""

from __future__ import annotations

import re
from collections.abc import Sequence

KINDS = {
    "number": "numbers",
    "option": "options by their letter",
    "yes or no": "yes or no, true or false",
    "date": "dates",
    "code": "program code",
    "word": "single words",
    "phrase": "short phrases",
    "text": "longer texts",
    "none": "nothing fixed in advance",
}
"""Kinds of answers, with their names in the plural."""

_NUMBER = re.compile(r"[-+−]?[$€£]?\s?\d[\d,  ]*(?:\.\d+)?(?:/\d+)?\s?[%$€£]?")
_OPTION = re.compile(r"\(?([A-Z])[).]?")
_BOOLEAN = frozenset({"yes", "no", "true", "false", "valid", "invalid"})
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_DATE = re.compile(
    rf"\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}|(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?(?:{_MONTHS})\b[\s,]*"
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\b)?[\s,]*(?:of\s+)?(?:\d{{4}})?",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"^\s*(?:def |class |import |from \w+ import|return\b|for .+:|if .+:|\w+ = )|[{};]\s*$", re.M
)
_PHRASE_WORDS = 8


def kind(truth: str, choices: Sequence[str]) -> str:
    """Return the kind of an expected answer, a key of `KINDS`.

    Args:
        truth: the gold answer.
        choices: the texts of the options; empty for none.
    """
    text = truth.strip()
    if choices:
        return "option"
    if not text:
        return "none"
    if _NUMBER.fullmatch(text):
        return "number"
    if _OPTION.fullmatch(text):
        return "option"
    if text.lower().rstrip(".") in _BOOLEAN:
        return "yes or no"
    if _DATE.fullmatch(text):
        return "date"
    if "\n" in text and _CODE.search(text):
        return "code"
    words = len(text.split())
    return "word" if words == 1 else "phrase" if words <= _PHRASE_WORDS else "text"


def option(text: str) -> str:
    """Return the bare letter of an option such as `(B)`; the text itself where it is none."""
    match = _OPTION.fullmatch(text.strip())
    return match[1] if match else text.strip()


def number(text: str | None) -> float | None:
    """Return the number a text is; None where it is none."""
    if text is None or not _NUMBER.fullmatch(text.strip()):
        return None
    bare = re.sub(r"[^\d./+-]", "", text.replace("−", "-"))
    try:
        if "/" in bare:
            above, below = bare.split("/")
            return float(above) / float(below)
        return float(bare)
    except (ValueError, ZeroDivisionError):
        return None
