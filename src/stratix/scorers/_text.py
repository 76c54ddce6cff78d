"""Bringing texts that mean the same to the same form."""

from __future__ import annotations

import re
import string
import unicodedata

_SAME = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'}
    | {"‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-"}
)
_PUNCTUATION = re.compile(f"[{re.escape(string.punctuation)}…。，！？¿¡]")
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_ENDS = " \t\n.,;:!?…。，！？\"'*_"
_MARKUP = re.compile(r"\*{1,3}|(?<!\w)_{1,3}|_{1,3}(?!\w)|`+|^[ \t]*(?:#{1,3}|>)[ \t]+", re.MULTILINE)
_LATEX_TEXT = re.compile(r"\\(?:text|textbf|mathrm|mathbf|textit|mbox)\s*\{([^{}]*)\}")


def unify(text: str) -> str:
    """Return the text with one form of each quote, dash, space and composed letter."""
    return unicodedata.normalize("NFKC", text.translate(_SAME)).translate(_SAME)


def plain(text: str) -> str:
    r"""Return the text without Markdown emphasis, headings, code marks and LaTeX `\text{}`."""
    return _MARKUP.sub("", _LATEX_TEXT.sub(r"\1", text))


def squash(text: str) -> str:
    """Return the text with each run of white space as one space, and none at its ends."""
    return " ".join(text.split())


def bare(text: str) -> str:
    """Return the text on one line without the quotes, emphasis and punctuation at its ends."""
    return squash(plain(unify(text))).strip(_ENDS)


def without_punctuation(text: str) -> str:
    """Return the text with every punctuation mark removed."""
    return squash(_PUNCTUATION.sub("", text))


def without_articles(text: str) -> str:
    """Return a lowercase text without `a`, `an` and `the`."""
    return squash(_ARTICLES.sub(" ", text))


def without_accents(text: str) -> str:
    """Return the text with accented letters as their base letters."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
