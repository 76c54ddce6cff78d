"""Signs that a model has seen a benchmark: long runs of words that it cannot well have hit upon."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Run:
    """Words in a row that two texts share.

    Attributes:
        start: place of the first of them in the first text, from 0.
        length: how many there are.
    """

    start: int
    length: int


def words(text: str) -> list[str]:
    """Return the words of a text, without case, punctuation or the form of its characters."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def text_of(given: Any) -> str:
    """Return all that a prompt says: of messages, objects and lists every string in them."""
    if isinstance(given, str):
        return given
    if isinstance(given, Mapping):
        return "\n".join(text_of(value) for name, value in given.items() if name != "role")
    return "\n".join(map(text_of, given)) if isinstance(given, list) else ""


def shared_run(answer: Sequence[str], source: Sequence[str], given: Sequence[str], least: int) -> Run | None:
    """Return the longest run of words that an answer shares with a source it was not shown.

    Overlap of word n-grams is the common sign of contamination; what the prompt itself says is no sign.

    Args:
        answer: words of the model's answer.
        source: words of what it may have learnt by heart, such as the truth.
        given: words of the prompt; runs of `least` words that occur in it do not count.
        least: shortest run to look for, at least 1 word.

    Returns:
        The run; None if there is none so long. Of a text that repeats itself the length is a lower bound.

    Raises:
        ValueError: `least` is below 1.

    Source: T. Brown et al., "Language models are few-shot learners", 2020, arXiv:2005.14165, appendix C
    (n-gram overlap), here with the answer in place of the training data.
    """
    if least < 1:
        raise ValueError(f"a run has at least 1 word, not {least}")
    known = {tuple(given[at : at + least]) for at in range(len(given) - least + 1)}
    places: dict[tuple[str, ...], int] = {}
    for at in range(len(source) - least + 1):
        gram = tuple(source[at : at + least])
        if gram not in known:
            places.setdefault(gram, at)
    best, at = None, 0
    while places and at + least <= len(answer):
        place = places.get(tuple(answer[at : at + least]))
        if place is None:
            at += 1
            continue
        length = least
        while (
            at + length < len(answer)
            and place + length < len(source)
            and answer[at + length] == source[place + length]
        ):
            length += 1
        if best is None or length > best.length:
            best = Run(at, length)
        at += length - least + 1
    return best
