"""CSV with a header line; cells are text and nothing else, whatever they begin with."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from stratix.benchmarks.formats.base import BY_SUFFIX, MAX_CELL, Draft, File, Request, no_data
from stratix.benchmarks.lines import BadBenchmarkFile, BadLine
from stratix.benchmarks.rows import draft_of

SUFFIXES = (".csv",)
ISOLATED = False

csv.field_size_limit(MAX_CELL)  # the library's own limit of 128 KiB is less than a long document has


def recognise(file: File) -> int:
    """Take every file of the suffix."""
    return BY_SUFFIX if file.suffix in SUFFIXES else 0


def read(file: File, data: Sequence[File], request: Request) -> Draft:
    """Return the benchmark of a table; columns may be separated by commas or semicolons."""
    no_data(data, "csv")
    first = file.text.partition("\n")[0]
    return table(file, request, ";" if first.count(";") > first.count(",") else ",")


def table(file: File, request: Request, delimiter: str) -> Draft:
    """Return the benchmark of a table with a header line.

    Raises:
        BadBenchmarkFile: there is no header, or a name stands in it twice.
    """
    lines = csv.reader(io.StringIO(file.text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(lines, [])]
    except csv.Error as error:
        raise BadBenchmarkFile(f"{file.name} has no header line that can be read: {error}") from error
    if not any(header):
        raise BadBenchmarkFile(f"{file.name} has no header line with the names of the columns.")
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise BadBenchmarkFile(f"{file.name} has two columns of the name {twice[0]!r}: rename one.")
    return draft_of(_rows(lines, header), request, "line", header)


def _rows(lines: Any, header: list[str]) -> Iterator[tuple[int, dict[str, str] | BadLine]]:
    while True:
        number = lines.line_num + 1
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            # What follows a broken quote cannot be told apart from what is in it.
            yield number, BadLine(f"not CSV: {error}; the lines after it were not read")
            return
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            yield number, BadLine(f"has {len(cells)} cells, but the header has {len(header)}")
        else:
            yield number, dict(zip(header, cells, strict=True))
