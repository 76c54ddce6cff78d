"""Cut the text of a document into passages of bounded size, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LONGEST = 3000
"""Characters that a passage has at most."""

SHORTEST = 20
"""Characters below which there is nothing to ask about."""

_BREAKS = ("\n\n", "\n", ". ", "? ", "! ", "; ", ", ", " ")
_BLANKS = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n(?:[ ]*\n)+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document.

    Attributes:
        place: where it stands, for a person: `page 3`, `rows 5-9`.
        text: its text.
    """

    place: str
    text: str


def cut(texts: Iterable[str], noun: str) -> Iterator[Passage]:
    """Yield the passages of a document: neighbours together as far as there is room, long ones in parts.

    Args:
        texts: of its pages, paragraphs, lines or rows, in order.
        noun: which of these.
    """
    held: list[str] = []
    size, first, last = 0, 0, 0
    for number, raw in enumerate(texts, start=1):
        text = _plain(raw)
        if held and size + len(text) > LONGEST:
            yield from _passage(held, noun, first, last)
            held, size = [], 0
        if len(text) > LONGEST:
            parts = list(_parts(text))
            for part, piece in enumerate(parts, start=1):
                yield Passage(f"{noun} {number}, part {part} of {len(parts)}", piece)
            continue
        if not text and not held:
            continue
        first = number if not held else first
        held.append(text)
        size += len(text) + 1
        last = number if text else last
    yield from _passage(held, noun, first, last)


def _passage(held: list[str], noun: str, first: int, last: int) -> Iterator[Passage]:
    text = "\n".join(held).strip()
    if len(text) >= SHORTEST:
        place = f"{noun} {first}" if first == last else f"{noun}s {first}-{last}"
        yield Passage(place, _EMPTY_LINES.sub("\n\n", text))


def _plain(text: str) -> str:
    """Return a text without what no database can store, and with single blanks."""
    storable = text.replace("\0", "").encode("utf-8", "replace").decode()
    return _EMPTY_LINES.sub("\n\n", _BLANKS.sub(" ", storable)).strip()


def _parts(text: str) -> Iterator[str]:
    """Cut a long text, best between paragraphs, else between lines, sentences or words."""
    while len(text) > LONGEST:
        at = next(
            (found + len(mark) for mark in _BREAKS if (found := text.rfind(mark, LONGEST // 2, LONGEST)) > 0),
            LONGEST,
        )
        yield text[:at].strip()
        text = text[at:].lstrip()
    if text:
        yield text
