"""Finding the JSON in an answer."""

from __future__ import annotations

import json
import re
from typing import Any

_FENCE = re.compile(r"```[ \t]*(?:json[c5]?)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)
_TRIES = 200  # a text of nothing but brackets must not be tried at each


class NoJson(ValueError):
    """The answer has no JSON value in it."""


def find_json(text: str) -> Any:
    """Return the JSON value an answer gives.

    That is the whole text if it is JSON, else the last fenced block that is, else the first object or array
    in the text. Numbers that JSON does not have (NaN, Infinity) are refused.

    Raises:
        NoJson: there is none.
    """
    for candidate in (text, *reversed(_FENCE.findall(text))):
        try:
            return json.loads(candidate, parse_constant=_refuse)
        except (ValueError, RecursionError):
            continue
    decoder = json.JSONDecoder(parse_constant=_refuse)
    for start in [match.start() for match in re.finditer(r"[{\[]", text)][:_TRIES]:
        try:
            return decoder.raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            continue
    raise NoJson("no JSON in the answer")


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
