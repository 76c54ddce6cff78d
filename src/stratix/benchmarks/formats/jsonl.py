"""JSONL: one JSON object a line; blank lines are skipped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from stratix.benchmarks.formats.base import BY_SUFFIX, Draft, File, Request, no_data
from stratix.benchmarks.lines import BadLine, parse_object
from stratix.benchmarks.rows import draft_of

SUFFIXES = (".jsonl",)
ISOLATED = False

_BOM = b"\xef\xbb\xbf"


def recognise(file: File) -> int:
    """Take every file of the suffix that no other format knows."""
    return BY_SUFFIX if file.suffix in SUFFIXES else 0


def read(file: File, data: Sequence[File], request: Request) -> Draft:
    """Return the benchmark of a file's lines."""
    no_data(data, "jsonl")
    return draft_of(lines_of(file.content.splitlines()), request, "line", clean=True)


def lines_of(lines: Iterable[bytes]) -> Iterator[tuple[int, dict[str, Any] | BadLine]]:
    """Yield the number of each line that is not blank, with its object or the reason that it is none."""
    for number, line in enumerate(lines, start=1):
        line = line.removeprefix(_BOM) if number == 1 else line
        if not line.strip():
            continue
        try:
            yield number, parse_object(line)
        except BadLine as error:
            yield number, error
