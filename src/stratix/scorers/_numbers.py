"""Finding numbers in running text, with the notations people use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_VULGAR = {
    "½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅖": "2/5", "⅗": "3/5",
    "⅘": "4/5", "⅙": "1/6", "⅚": "5/6", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8",
}  # fmt: skip
_MAGNITUDES = {
    "dozen": 12, "hundred": 100, "thousand": 10**3, "million": 10**6, "mn": 10**6, "billion": 10**9,
    "bn": 10**9, "trillion": 10**12,
}  # fmt: skip
_SUFFIXES = {"k": 10**3, "K": 10**3, "M": 10**6, "B": 10**9}
_LONGEST = 300  # digits; a model stuck in a loop writes numbers nobody means

_NUMBER = re.compile(
    r"""
    (?<!\d\.)
    (?P<sign>(?<![\w)\]}%])[-+])?
    (?:(?<!\w)(?P<currency>(?:US|A|C|NZ|HK)?\$|€|£|¥|₹|₩|(?:USD|EUR|GBP|INR|Rs)\b\.?)\s?(?P<late_sign>-)?)?
    (?:
        (?<![\w])(?P<grouped>\d{1,3}(?:,\d{2,3})*,\d{3}(?!\d)(?:\.\d+)?
                           |\d{1,3}(?:[\u00a0\u202f\u2009']\d{3})+(?!\d)(?:\.\d+)?)
      | (?<![\w])(?P<european>\d{1,3}(?:\.\d{3})+,\d{1,2}(?!\d))
      | (?<![\w])(?P<whole>\d+)[ ]+(?:and[ ]+)?(?P<top>\d+)/(?P<bottom>\d+)(?![\d/])
      | (?<![\w/])(?P<numerator>\d+)/(?P<denominator>\d+)(?![\d/]|\.\d)
      | (?<![\w])(?P<base>\d+)\s?\^\s?[{(]?(?P<power>-?\d{1,3})[)}]?(?!\d)
      | (?<![\w])(?P<simple>\d+(?:\.\d+)?|(?<!\.)\.\d+)
    )
    (?:
        [eE](?P<exponent>[-+]?\d{1,4})(?!\w)
      | \s?(?:[x×*·⋅]|\\times|\\cdot)\s?10\s?\^\s?[{(]?(?P<ten>[-+]?\d{1,4})[)}]?
    )?
    (?: \s?(?P<percent>%|percent\b|per[ ]cent\b)
      | [ -]?(?P<magnitude>dozen|hundred|thousand|million|billion|trillion|[mb]n)\b
      | (?P<suffix>[kKMB])\b
      | (?P<ordinal>(?:st|nd|rd|th)\b)
    )?
    """,
    re.VERBOSE,
)
_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_SPELLED = re.compile(
    rf"\b(?:(?:negative|(?:^|(?<=\bis ))minus)\s+)?(?:{'|'.join([*_UNITS, *_TENS])})"
    rf"(?:(?:\s+|-|\s+and\s+)(?:{'|'.join([*_UNITS, *_TENS, *_MAGNITUDES])}))*\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it stands in a text.

    Attributes:
        value: what it says.
        readings: every value it may mean: "42%" is 42 and 0.42, "5k" is 5 and 5,000.
        start: where it starts in the prepared text.
        end: where it ends.
        ordinal: True for "2nd".
    """

    value: Fraction
    readings: frozenset[Fraction]
    start: int
    end: int
    ordinal: bool = False

    def __str__(self) -> str:
        """The value as digits: "18", "0.25", "1e+30"."""
        if self.value.denominator == 1 and abs(self.value) < 10**15:
            return str(self.value.numerator)
        return f"{float(self.value):.12g}" if abs(self.value) < 10**300 else "over 1e300"


def prepare(text: str) -> str:
    r"""Return the text with LaTeX, Markdown, superscripts and fraction signs in plain notation."""
    text = re.sub(r"<<[^<>]*>>", "", text)  # the calculator notes of GSM8K
    text = text.replace("−", "-").replace("–", "-").replace("{,}", ",").replace("⁄", "/")
    text = re.sub(r"\\[dt]?frac\s*\{?(-?\d+)\}?\s*\{?(\d+)\}?", r" \1/\2 ", text)
    text = re.sub(r"\\(?:text|textbf|mathrm|mathbf|mbox)\s*\{([^{}]*)\}", r" \1 ", text)
    text = re.sub(r"(\d,?)\\[,!]\s*(\d)", r"\1\2", text)
    text = re.sub(r"(?<=[a-zA-Z])\s?\^\s?\{?\d\}?", " ", text)  # cm^2
    text = re.sub(r"\\([$%])", r"\1", text)
    text = re.sub(r"\b(?:negative|(?:^|(?<=\bis ))minus)\s+(?=[\d$.])", "-", text, flags=re.IGNORECASE)
    text = re.sub(r"\\[,!;: ]|~|\\left|\\right", " ", text)
    text = re.sub(r"(?<=\d)([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", lambda m: "^" + m[1].translate(_SUPERSCRIPTS), text)
    for sign, digits in _VULGAR.items():
        text = text.replace(sign, f" {digits}")
    return re.sub(r"\*\*+|`+|(?<!\w)_+|_+(?!\w)", "", text)


def find(text: str) -> list[Number]:
    """Return the numbers of a prepared text in the order they stand; words only where there are no digits."""
    found = [number for match in _NUMBER.finditer(text) if (number := _read(match))]
    return found or [_spelled(match) for match in _SPELLED.finditer(text)]


def _read(match: re.Match[str]) -> Number | None:
    if match.end() - match.start() > _LONGEST:
        return None
    value = _value(match)
    if value is None:
        return None
    ten = match["exponent"] or match["ten"]
    if ten is not None:
        value *= Fraction(10) ** int(ten)
    if "-" in (match["sign"], match["late_sign"]):
        value = -value
    readings = {value}
    if match["percent"]:
        readings.add(value / 100)
    elif match["magnitude"]:
        value *= _MAGNITUDES[match["magnitude"]]
        readings = {value}
    elif match["suffix"]:
        readings.add(value * _SUFFIXES[match["suffix"]])
        value = max(readings, key=abs) if match["currency"] else value
    return Number(value, frozenset(readings), match.start(), match.end(), match["ordinal"] is not None)


def _value(match: re.Match[str]) -> Fraction | None:
    """Return the unsigned value without exponent and suffix; None for a division by zero."""
    if grouped := match["grouped"]:
        return Fraction(re.sub(r"[^\d.]", "", grouped))
    if european := match["european"]:
        return Fraction(european.replace(".", "").replace(",", "."))
    if match["whole"]:
        return int(match["whole"]) + _ratio(match["top"], match["bottom"]) if int(match["bottom"]) else None
    if match["numerator"]:
        return _ratio(match["numerator"], match["denominator"]) if int(match["denominator"]) else None
    if match["base"]:
        base, power = Fraction(int(match["base"])), int(match["power"])
        return base**power if base or power >= 0 else None
    return Fraction(match["simple"])


def _ratio(top: str, bottom: str) -> Fraction:
    return Fraction(int(top), int(bottom))


def _spelled(match: re.Match[str]) -> Number:
    """Read a number in English words: "two hundred and fifty-six"."""
    total, part, sign = 0, 0, 1
    for word in re.split(r"[\s-]+", match[0].lower()):
        if word in _UNITS:
            part += _UNITS[word]
        elif word in _TENS:
            part += _TENS[word]
        elif word in ("hundred", "dozen"):
            part *= _MAGNITUDES[word]
        elif word in ("negative", "minus"):
            sign = -1
        elif word != "and":
            total, part = total + part * _MAGNITUDES[word], 0
    value = Fraction(sign * (total + part))
    return Number(value, frozenset({value}), match.start(), match.end())
