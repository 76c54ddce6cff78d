"""CSV with a header line."""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Collection, Iterator
from typing import IO, Any

from stratix.benchmarks.lines import BadBenchmarkFile


def rows(
    stream: IO[bytes], *, delimiter: str = ",", literals: Collection[str] = ()
) -> Iterator[dict[str, Any]]:
    """Yield each line as an object of its columns.

    Args:
        stream: the file, in UTF-8.
        delimiter: what separates the columns.
        literals: columns that hold a Python literal (a dict, a list), read without running it.

    Raises:
        BadBenchmarkFile: it is not CSV, a line has columns too many, or a literal is none.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    table = csv.DictReader(text, delimiter=delimiter, strict=True)
    try:
        for row in table:
            if None in row:
                raise BadBenchmarkFile(f"line {table.line_num} has more columns than the header")
            yield row | {name: _literal(row.get(name), name, table.line_num) for name in literals}
    except csv.Error as error:
        raise BadBenchmarkFile(f"line {table.line_num} is not CSV: {error}") from error
    finally:
        text.detach()  # the stream is closed by whoever opened it


def _literal(text: str | None, name: str, line: int) -> Any:
    try:
        return ast.literal_eval(text or "")
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError) as error:
        raise BadBenchmarkFile(f"line {line}: `{name}` is not a Python literal: {error}") from error
