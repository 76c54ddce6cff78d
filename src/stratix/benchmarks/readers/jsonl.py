"""JSONL: one JSON object a line; blank lines are skipped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from stratix.benchmarks.lines import BadBenchmarkFile, BadLine, parse_object


def rows(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the object of each line.

    Raises:
        BadBenchmarkFile: a line holds none.
    """
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        try:
            row = parse_object(line)
        except BadLine as error:
            raise BadBenchmarkFile("a line cannot be used", [(number, str(error))]) from error
        yield row
