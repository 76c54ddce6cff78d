"""Worked examples that stand in a running text: one for each match of a pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any

from stratix.benchmarks.lines import BadBenchmarkFile, BadLine, parse_object

PATTERN = r"^Q: (?P<input>.+?)\nA: (?P<truth>[^\n]+)$"


def rows(stream: IO[bytes], *, pattern: str = PATTERN, field: str = "") -> Iterator[dict[str, Any]]:
    """Yield the named groups of each match, in order.

    Args:
        stream: the file, in UTF-8.
        pattern: a regular expression in which `^` and `$` stand for lines and a dot for line ends too.
        field: of the JSON object of the file's first line, that holds the text (a dot reaches into a nested
            object); "" if the file is the text.

    Raises:
        BadBenchmarkFile: there is no such text, or nothing in it matches.
    """
    text = _field(stream, field) if field else stream.read().decode()
    matches = re.finditer(pattern, text, re.MULTILINE | re.DOTALL)
    found = [match.groupdict("") for match in matches]
    if not found:
        raise BadBenchmarkFile(f"there are no worked examples: nothing matches {pattern!r}")
    yield from found


def _field(stream: IO[bytes], path: str) -> str:
    try:
        value: Any = parse_object(stream.readline())
    except BadLine as error:
        raise BadBenchmarkFile("a line cannot be used", [(1, str(error))]) from error
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, str):
        raise BadBenchmarkFile(f"its first line has no text in `{path}`")
    return value
