"""Take a judge's verdict from its reply: strictly, for what is guessed here would be a wrong number."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_KEYS = ("verdict", "grade")
_REASONS = ("reasoning", "reason", "explanation")
_MARK = re.compile(
    r"(?:(?:my|the|final|overall)\s+)*(?:verdict|grade|rating|score|judge?ment)(?=\W|$)(?:\s+is\b)?"
    r"\s*(?:[:=]|[-\u2013\u2014](?=\s))?\s*",
    re.IGNORECASE,
)
_BOXED = re.compile(r"\\boxed\{([^{}]*)\}")
_LEAD = re.compile(r"^[\s#>\"'\u201c]*(?:[-\u2022]\s+)?[\s\"'\u201c]*")
_FENCE = re.compile(r"^\s*```\w*\s*$")
_LONGEST_REASON = 2000


class Unreadable(ValueError):
    """A reply holds no verdict, or several; the message says which."""


def read_verdict(reply: str, parse: Callable[[str], T | None]) -> tuple[T, str]:
    """Return the verdict of a reply and the reasoning given for it.

    A verdict stands on a line of its own, alone or after a word such as `Verdict:`, or under `verdict` or
    `grade` in a JSON object. Marked ones come before bare ones; they must not contradict each other.
    Emphasis, brackets, and code fences do not count. A verdict within a sentence is none.

    Args:
        reply: what the judge wrote.
        parse: from the text of a verdict to what it means; None if it is none.

    Returns:
        The verdict, and everything else on one line, 2,000 characters at most.

    Raises:
        Unreadable: there is no verdict, or there are different ones.
    """
    stated, text = _json(reply)
    marked: list[T] = []
    bare: list[T] = []
    reasons: list[str] = [str(stated[key]) for key in _REASONS if key in stated]
    for key in _KEYS:
        if key in stated:
            value = parse(_plain(str(stated[key])))
            if value is None:
                raise Unreadable(f"{stated[key]!r} is no verdict")
            marked.append(value)
    for line in text.splitlines():
        plain = _plain(line)
        mark = _MARK.match(plain)
        value = parse(plain[mark.end() :] if mark else plain)
        if value is not None:
            (marked if mark else bare).append(value)
        elif not _FENCE.match(line) and not (mark and mark.end() == len(plain)):
            reasons.append(line)
    found = marked or bare
    if not found:
        raise Unreadable("it holds no verdict")
    if any(value != found[0] for value in found):
        raise Unreadable("it holds verdicts that differ")
    return found[0], " ".join(" ".join(reasons).split())[:_LONGEST_REASON]


def _plain(line: str) -> str:
    """Return a line without emphasis, boxes, list and quote marks and its full stop."""
    line = _BOXED.sub(r"\1", line.replace("*", "").replace("`", "").replace("$", "").replace("_", " "))
    return _LEAD.sub("", line).rstrip(" \t\r\"'\u201d.")


def _json(reply: str) -> tuple[dict[str, Any], str]:
    """Return the JSON object of a reply, if it has one with a verdict, and the text without it."""
    start, end = reply.find("{"), reply.rfind("}") + 1
    if start < 0 or end <= start:
        return {}, reply
    try:
        found = json.loads(reply[start:end], object_pairs_hook=_once, parse_constant=_no_number)
    except (json.JSONDecodeError, RecursionError):
        return {}, reply
    if not any(key in found for key in _KEYS):
        return {}, reply
    return found, f"{reply[:start]}\n{reply[end:]}"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise Unreadable("its JSON object says one thing twice")
    return dict(pairs)


def _no_number(name: str) -> Any:
    raise Unreadable(f"{name} is no grade")
