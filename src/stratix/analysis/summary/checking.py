"""Whether the figures of a sentence are in the data: the same check for our own sentences and a model's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from typing import Any

_FIGURE = re.compile(
    r"(?<![\w.,])(?P<less><\s?)?(?P<sign>[-+−])?(?P<money>\$\s?)?(?P<number>\d[\d,]*(?:\.\d+)?|\.\d+)"
    r"(?P<unit>\s?(?:%|per ?cent\b|percentage points?\b|points?\b|pp\b|k\b|thousand\b|m\b(?!s)|million\b|"
    r"billion\b|seconds?\b|s\b|ms\b))?",
    re.IGNORECASE,
)
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "billion": 1e9}
_SHARES = ("%", "percent", "per cent", "point", "points", "percentage point", "percentage points", "pp")
_SECONDS = ("s", "second", "seconds")
# Said of every interval and every cost, whatever the data.
_CONVENTIONS = re.compile(r"\b95\s?%(?=\s+(?:confidence|interval|CI\b))|\bper\s+1,?000\b", re.IGNORECASE)
_WORDS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|(?:twen|thir|for|fif|six|seven|"
    r"eigh|nine)ty|hundreds?|thousands?|millions?|dozens?|half|halves|thirds?|quarters?|fifths?|tenths?|"
    r"twice|doubled?|triple|threefold|twofold|tenfold)\b",
    re.IGNORECASE,
)


def unfounded(sentence: str, figures: Any, names: Collection[str] = (), *, words: bool = True) -> list[str]:
    """Return what a sentence states as a figure that is not in the data; empty if all of it is.

    A figure is there if a number of the data, written with as many decimals, reads the same; shares may be
    written as percentages, times as seconds. That a figure is said of the right thing it cannot tell.

    Args:
        sentence: to check.
        figures: the data: numbers in mappings and lists; shares are 0.0 to 1.0, times in ms.
        names: texts of the data that may have digits in them, such as a subset's name.
        words: whether numbers in words (`half`, `twelve`) count as unfounded.
    """
    text = sentence
    for name in sorted({name for name in names if _is_telling(name)}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text)
    text = _CONVENTIONS.sub(" ", text)
    known = sorted(set(_numbers(figures)))
    found = [match[0] for match in _FIGURE.finditer(text) if not _is_founded(match, known)]
    found += [character for character in text if unicodedata.category(character) in {"No", "Nl"}]
    # What the pattern passed over: digits inside of words, such as "x5", say nothing to be trusted either.
    rest = _FIGURE.sub(" ", text)
    found += [word for word in re.findall(r"\S*\d\S*", rest) if not re.fullmatch(r"[Pp]\d\d\W*", word)]
    return found + (_WORDS.findall(rest) if words else [])


def owed(performance: Mapping[str, Any]) -> int:
    """Return how many of a summary's takeaways, from the first on, no other sentence may take the place of.

    They are the number, the answers that are missing, and too many answers that are not valid.

    Args:
        performance: of the summary.
    """
    invalid = performance["invalid_share"] > performance["invalid_threshold"]
    return 1 + int(bool(performance["missing_answers"])) + int(invalid)


def _is_telling(name: str) -> bool:
    """Tell whether a name can be taken out of a sentence without taking a figure with it."""
    return any(map(str.isalpha, name)) and any(map(str.isdigit, name))


def strings(value: Any) -> Iterator[str]:
    """Yield every text in nested mappings and lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for entry in value.values():
            yield from strings(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from strings(entry)


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield abs(float(value))
    elif isinstance(value, dict):
        for entry in value.values():
            yield from _numbers(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _numbers(entry)


def _is_founded(match: re.Match[str], known: list[float]) -> bool:
    written = match["number"].rstrip(",")
    value = float(written.replace(",", ""))
    decimals = len(written.partition(".")[2])
    unit = " ".join((match["unit"] or "").lower().split())
    if match["less"]:
        return any(number < value for number in known)
    if unit in _SHARES:
        scaled = [100 * number for number in known if number <= 1]
    elif unit in _SCALES:
        scaled = [number / _SCALES[unit] for number in known]
    elif unit in _SECONDS:
        scaled = [number / 1000 for number in known] + known
    else:
        scaled = known
    tolerance = 0.5 * 10.0**-decimals + 1e-9
    if decimals == 0 and unit not in (*_SHARES, *_SCALES, *_SECONDS):
        # A count is written in full, a time or a mean may be rounded, and a share is no count.
        return any(
            abs(number - value) < (1e-9 if number.is_integer() or number < 10 else tolerance)
            for number in scaled
        )
    return any(abs(number - value) <= tolerance for number in scaled)
