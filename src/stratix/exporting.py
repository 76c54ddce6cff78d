"""Results as a file: JSONL, CSV or Parquet, written as they come, never all of them in memory."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import IO, Any, Literal, get_args

from layerlens.models import Result

ExportFormat = Literal["jsonl", "csv", "parquet"]
FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)
ROW_GROUP = 5_000
"""Rows that lie in memory before a Parquet file takes them, at the most."""

ROW_GROUP_CHARACTERS = 16_000_000
"""Characters of answers and prompts that lie in memory before a Parquet file takes them."""

Write = Callable[[Sequence[Result]], None]

# The last four are the wide forms that some spreadsheets take for the first four.
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)*|\.\d+)([eE][+-]?\d+)?%?")

COLUMNS: dict[str, str] = {
    "result_id": "string",
    "prompt_id": "string",
    "epoch": "int32",
    "subset": "string",
    "prompt": "string",
    "result": "string",
    "truth": "string",
    "outcome": "string",
    "score": "double",
    "extracted": "string",
    "explanation": "string",
    "error": "string",
    "finish_reason": "string",
    "duration_seconds": "double",
    "tokens_input": "int64",
    "tokens_output": "int64",
    "tokens_reasoning": "int64",
    "attempts": "int32",
    "provider_request_id": "string",
    "grade": "string",
    "cost": "double",
    "judge_cost": "double",
    "judge_tokens_input": "int64",
    "judge_tokens_output": "int64",
    "cached": "bool",
    "metrics": "map",
}
"""The columns of an export, in order, with their types in Parquet."""


def writer(kind: ExportFormat, file: IO[bytes]) -> AbstractContextManager[Write]:
    """Return what writes results into a file that stays open.

    Args:
        kind: its format.
        file: what the bytes go to, in order; it is never sought in.
    """
    return {"jsonl": _jsonl, "csv": _csv, "parquet": _parquet}[kind](file)


def row_of(result: Result) -> dict[str, Any]:
    """Return a result as the columns of an export."""
    fields = result.model_dump()
    fields["duration_seconds"] = fields.pop("duration").total_seconds()
    return {name: fields[name] for name in COLUMNS}


def plain_cell(value: Any) -> Any:
    """Return a cell of a CSV file as text that no spreadsheet takes for a formula.

    A text that begins with `=`, `+`, `-`, `@`, a tab or a line break is one to most of them, and may reach
    out of the table; it gets an apostrophe before it, unless it is a number and nothing else.
    """
    if isinstance(value, str) and value.startswith(_FORMULA):
        return value if _NUMBER.fullmatch(value) else f"'{value}"
    return value


@contextmanager
def _jsonl(file: IO[bytes]) -> Iterator[Write]:
    def write(results: Sequence[Result]) -> None:
        for result in results:
            file.write(
                json.dumps(row_of(result), ensure_ascii=False).encode(errors="backslashreplace") + b"\n"
            )

    yield write


@contextmanager
def _csv(file: IO[bytes]) -> Iterator[Write]:
    text = io.TextIOWrapper(file, "utf-8", errors="backslashreplace", newline="")
    # These line ends, for a lone carriage return inside a text is quoted with them alone.
    table = csv.DictWriter(text, list(COLUMNS), lineterminator="\r\n")
    table.writeheader()

    def write(results: Sequence[Result]) -> None:
        for result in results:
            row = {**(row := row_of(result)), "metrics": json.dumps(row["metrics"])}
            table.writerow({name: plain_cell(value) for name, value in row.items()})

    yield write
    text.flush()
    text.detach()  # The file is not ours to close.


@contextmanager
def _parquet(file: IO[bytes]) -> Iterator[Write]:
    # Takes a fifth of a second to import, and the other formats do without.
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"map": pa.map_(pa.string(), pa.float64())}
    schema = pa.schema(
        [(name, types[kind] if kind in types else pa.type_for_alias(kind)) for name, kind in COLUMNS.items()]
    )
    waiting: list[dict[str, Any]] = []
    size = 0
    with pq.ParquetWriter(file, schema, compression="zstd") as table:

        def flush() -> None:
            nonlocal size
            rows = [{**row, "metrics": list(row["metrics"].items())} for row in waiting]
            table.write_table(pa.Table.from_pylist(rows, schema=schema))
            waiting.clear()
            size = 0

        def write(results: Sequence[Result]) -> None:
            nonlocal size
            for result in results:
                waiting.append(row_of(result))
                size += len(result.prompt) + len(result.result) + len(result.truth)
                if len(waiting) >= ROW_GROUP or size >= ROW_GROUP_CHARACTERS:
                    flush()

        yield write
        flush()
