"""One line of a JSONL file to one JSON object, or a reason a person can act on where it is none."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NoReturn


class BadLine(ValueError):  # reads as what happened: "except BadLine"
    """A line is not a JSON object that can be stored; the message says why."""


class BadBenchmarkFile(ValueError):  # reads as what happened: "except BadBenchmarkFile"
    """A benchmark's file cannot be used; the message says which lines and why.

    Attributes:
        problems: number of the line (from 1) and the reason, for the first 20 bad lines.
        more: how many bad lines there are besides.
    """

    def __init__(self, message: str, problems: Iterable[tuple[int, str]] = (), more: int = 0) -> None:
        self.problems = tuple(problems)
        self.more = more
        listed = [f"line {number}: {reason}" for number, reason in self.problems]
        super().__init__("\n".join([message, *listed, *([f"and {more} more"] if more else [])]))


def parse_object(line: bytes) -> dict[str, Any]:
    """Return the JSON object a line holds.

    Raises:
        BadLine: it is not UTF-8, not JSON, not an object, or holds text that cannot be stored.
    """
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadLine(f"not UTF-8 (byte {error.start + 1} of the line); save the file as UTF-8") from error
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise BadLine(f"not JSON: {error.msg} (column {error.colno})") from error
    except RecursionError as error:
        raise BadLine("not JSON: nested too deeply") from error
    except BadLine:
        raise
    except ValueError as error:  # a number of more digits than Python converts
        raise BadLine(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadLine(f"not a JSON object but {type_name(value)}; the file needs one object a line")
    # PostgreSQL stores neither of the two, in text or in JSON.
    if "\\u0000" in text and _contains_nul(value):
        raise BadLine("contains the NUL character (\\u0000), which cannot be stored")
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadLine("contains half of a surrogate pair (\\ud800 to \\udfff), which is no text") from error
    except ValueError as error:
        raise BadLine("contains a number too large to store") from error
    return value


def type_name(value: Any) -> str:
    """Return what JSON calls a value's type, with its article."""
    if isinstance(value, bool):
        return "a boolean"
    names = {dict: "an object", list: "a list", str: "a string", int: "a number", float: "a number"}
    return names.get(type(value), "null")


def _refuse_constant(name: str) -> NoReturn:
    raise BadLine(f"not JSON: {name} is no JSON number")


def _contains_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_contains_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(_contains_nul, value))
