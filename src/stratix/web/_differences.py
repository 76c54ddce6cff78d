"""Where two texts differ, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

_MOST_WORDS = 600
_ALIKE = 0.2

_WORD = re.compile(r"\s+|\w+|[^\w\s]")


class Piece(NamedTuple):
    """A part of a text.

    Attributes:
        text: the part.
        own: whether the other text lacks it.
    """

    text: str
    own: bool


def differences(first: str, second: str) -> tuple[list[Piece], list[Piece]]:
    """Return two texts in pieces, those marked that only one of them has.

    Texts that have next to nothing in common, or are longer than can be compared at once, come whole and
    unmarked: where everything is marked, nothing is.
    """
    ours, theirs = _WORD.findall(first), _WORD.findall(second)
    whole = [Piece(first, False)], [Piece(second, False)]
    if max(len(ours), len(theirs)) > _MOST_WORDS:
        return whole
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return whole
    found: tuple[list[Piece], list[Piece]] = [], []
    for tag, start_1, end_1, start_2, end_2 in matcher.get_opcodes():
        for pieces, words in zip(found, (ours[start_1:end_1], theirs[start_2:end_2]), strict=True):
            if words:
                pieces.append(Piece("".join(words), tag != "equal"))
    return found
