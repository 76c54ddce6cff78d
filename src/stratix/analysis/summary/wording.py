"""How figures, outcomes and quotes are written for people, in summaries and elsewhere."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

OUTCOMES = {
    "correct": "correct",
    "partial": "partly correct",
    "incorrect": "wrong",
    "unparsed": "no answer found in the text",
    "truncated": "cut off by the token limit",
    "reasoning_exhausted": "spent on reasoning",
    "refused": "refused",
    "empty": "empty",
    "failed": "no response",
    "scorer_error": "scorer failed",
}
"""What the outcomes of results are called, in the order in which they are shown."""

_QUOTED = 160


def percent(share: float) -> str:
    """Return a share, 0.0 to 1.0, as a percentage with one decimal."""
    return f"{100 * share:.1f}%"


def points(difference: float) -> str:
    """Return a difference of shares in percentage points, without its sign."""
    return f"{100 * abs(difference):.1f} points"


def signed(difference: float, digits: int = 1) -> str:
    """Return a difference of shares in percentage points with its sign and no unit."""
    return f"{100 * difference:+z.{digits}f}".replace("-", "\u2212")


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, in the singular or the plural."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def money(dollars: float) -> str:
    """Return US dollars: cents for what has some, two digits for less."""
    if dollars == 0:
        return "$0"
    if abs(dollars) >= 0.1:
        return f"${dollars:,.2f}"
    return f"${Decimal(f'{dollars:.2g}'):f}"


def exact_money(dollars: float) -> str:
    """Return US dollars with six digits that count, where an amount is held against a cap."""
    return f"${Decimal(f'{dollars:.6g}'):f}"


def significance(p_value: float) -> str:
    """Return a p-value as it is usually written."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def quote(text: str, limit: int = _QUOTED) -> str:
    """Return a text on one line between quotation marks, cut to a length."""
    line = " ".join(clean(text).split())
    return f"“{line if len(line) <= limit else line[: limit - 1].rstrip() + '…'}”"


def quote_ends(text: str, limit: int = _QUOTED) -> str:
    """Return a text like `quote`, but with its end, where a long answer comes to its point."""
    line = " ".join(clean(text).split())
    if len(line) <= limit:
        return f"“{line}”"
    half = limit // 2
    return f"“{line[:half].rstrip()} … {line[-half:].lstrip()}”"


def clean(text: str) -> str:
    """Return a text without control characters but line breaks and tabs, which do harm where it is shown."""
    return "".join(
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
    )


def listing(parts: list[str]) -> str:
    """Return parts joined by commas and a final "and"."""
    return ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1] if parts else ""
