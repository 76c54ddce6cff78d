"""Finding the JSON in an answer."""

from __future__ import annotations

import json
import re
from typing import Any

_FENCE = re.compile(r"```[ \t]*(?:json[c5]?)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)
_TRIES = 200  # a text of nothing but brackets must not be tried at each
_START = re.compile(r"[{\[]")
_BROKEN = re.compile(r"(?:\[\s*)*\{\s*\"[^\"\n]*\"\s*:|\[\s*(?:[\"\[]|-?\d+(?:\.\d+)?\s*,)")
_GAP = re.compile(r"\n\s*\n|$(?!\n)|```")


class NoJson(ValueError):
    """The answer has no JSON value in it."""


def find_json(text: str) -> Any:
    """Return the JSON value an answer gives.

    That is the whole text if it is JSON, else the last fenced block that is, else the last object in the text
    that is not much shorter than the longest ("Draft: ..., final: ..."), else the last such array. What lies
    inside JSON that is broken or cut off does not count, and neither do numbers that JSON does not have (NaN,
    Infinity).

    Raises:
        NoJson: there is none.
    """
    for candidate in (text.removeprefix("\ufeff"), *reversed(_FENCE.findall(text))):
        try:
            return json.loads(candidate, parse_constant=_refuse)
        except (ValueError, RecursionError):
            continue
    found = _inline(text)
    for kind in (dict, list):
        sizes = [size for value, size in found if isinstance(value, kind)]
        for value, size in reversed(found):
            if isinstance(value, kind) and 2 * size >= max(sizes):
                return value
    raise NoJson("no JSON in the answer")


def _inline(text: str) -> list[tuple[Any, int]]:
    """Return the objects and arrays that stand in a text, and the length of each."""
    decoder = json.JSONDecoder(parse_constant=_refuse)
    found: list[tuple[Any, int]] = []
    position = 0
    for _ in range(_TRIES):
        start = _START.search(text, position)
        if start is None:
            break
        try:
            value, position = decoder.raw_decode(text, start.start())
            found.append((value, position - start.start()))
        except (ValueError, RecursionError):
            broken = _BROKEN.match(text, start.start())
            end = _GAP.search(text, start.end()) if broken else None
            position = end.end() if end else start.end()
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
