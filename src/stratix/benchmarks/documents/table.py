"""Tables and lists of objects, by their rows: CSV, JSON, JSONL and Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stratix.benchmarks.documents.base import BadDocument, text_of
from stratix.benchmarks.formats.base import MAX_CELL, File
from stratix.benchmarks.formats.json import rows_of
from stratix.benchmarks.formats.jsonl import lines_of
from stratix.benchmarks.formats.parquet import rows_of as parquet_rows
from stratix.benchmarks.lines import BadBenchmarkFile, BadLine

NOUN = "row"


def read(path: Path) -> Iterator[str]:
    """Yield the rows, each a line `column: value` for every cell that is not empty."""
    try:
        for row in _rows(path):
            yield _text(row)
    except BadBenchmarkFile as error:
        raise BadDocument(str(error)) from None


def _rows(path: Path) -> Iterator[Any]:
    suffix = path.suffix.lower()
    if suffix == ".csv":
        yield from _csv(path)
        return
    file = File(path.name, path.read_bytes())
    if suffix == ".jsonl":
        for number, row in lines_of(file.content.splitlines()):
            if isinstance(row, BadLine):
                raise BadDocument(f"{path.name}, line {number}: {row}")
            yield row
    else:
        yield from rows_of(file) if suffix == ".json" else parquet_rows(file)


def _csv(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a table with a header; cells that a row has too many or too few are no matter."""
    csv.field_size_limit(MAX_CELL)
    text = text_of(path)
    first = text.partition("\n")[0]
    lines = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ","
    )
    try:
        for row in lines:
            yield {name: cell for name, cell in row.items() if isinstance(name, str) and cell}
    except csv.Error as error:
        raise BadDocument(f"{path.name}, line {lines.line_num}: not CSV: {error}") from None


def _text(row: Any) -> str:
    if not isinstance(row, dict):
        return _value(row)
    return "\n".join(f"{name}: {_value(value)}" for name, value in row.items() if value not in (None, ""))


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
