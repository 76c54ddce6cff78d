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
        summary: the message without the lines.
        problems: number of the line (from 1) and the reason, for the first 20 bad lines.
        more: how many bad lines there are besides.
        noun: what is counted: line, row, sample, test.
        columns: the names of its columns, as far as they are known.
    """

    columns: tuple[str, ...] = ()

    def __init__(
        self, summary: str, problems: Iterable[tuple[int, str]] = (), more: int = 0, noun: str = "line"
    ) -> None:
        self.summary = summary
        self.problems = tuple(problems)
        self.more = more
        self.noun = noun
        listed = [f"{noun} {number}: {reason}" for number, reason in self.problems]
        super().__init__("\n".join([summary, *listed, *([f"and {more} more"] if more else [])]))


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
    check_storable(value, "\\u0000" in text)
    return value


def check_storable(value: Any, may_hold_nul: bool = True) -> None:
    """See that every database stores a JSON value as it is.

    Args:
        value: of JSON's types.
        may_hold_nul: False where it is known that there is no NUL, which spares the search.

    Raises:
        BadLine: it holds text or a number that cannot be stored.
    """
    # PostgreSQL stores neither of the two, in text or in JSON.
    if may_hold_nul and _contains_nul(value):
        raise BadLine("contains the NUL character (\\u0000), which cannot be stored")
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadLine("contains half of a surrogate pair (\\ud800 to \\udfff), which is no text") from error
    except ValueError as error:
        raise BadLine("contains a number too large to store") from error
    except TypeError as error:
        raise BadLine(f"contains what JSON does not have: {error}") from error


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
