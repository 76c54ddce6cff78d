"""Writing results to a file: JSONL, CSV or Parquet, page by page, whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal, get_args

import click

from layerlens.models import Result

ExportFormat = Literal["jsonl", "csv", "parquet"]
FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)
ROW_GROUP = 5_000
"""Rows that lie in memory before a Parquet file takes them."""

Write = Callable[[Sequence[Result]], None]

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


def export_format(path: Path) -> ExportFormat:
    """Return the format that a file's suffix names.

    Raises:
        BadParameter: it names none.
    """
    for kind in FORMATS:
        if path.suffix.lower() == f".{kind}":
            return kind
    raise click.BadParameter(
        f"{path.name!r} ends in none of .jsonl, .csv and .parquet: rename it, or say --as.",
        param_hint="--output",
    )


@contextmanager
def writing(path: Path, kind: ExportFormat) -> Iterator[Write]:
    """Write a file beside its place, and move it there once it is whole.

    Args:
        path: the file; one that is there is replaced.
        kind: its format.

    Yields:
        A function that takes the next results.

    Raises:
        OSError: the file cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    opener = {"jsonl": _jsonl, "csv": _csv, "parquet": _parquet}[kind]
    try:
        with draft.open("xb") as file:
            with opener(file) as write:
                yield write
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def row_of(result: Result) -> dict[str, Any]:
    """Return a result as the columns of an export."""
    fields = result.model_dump()
    fields["duration_seconds"] = fields.pop("duration").total_seconds()
    return {name: fields[name] for name in COLUMNS}


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
    writer = csv.DictWriter(text, list(COLUMNS), lineterminator="\n")
    writer.writeheader()

    def write(results: Sequence[Result]) -> None:
        for result in results:
            row = row_of(result)
            writer.writerow({**row, "metrics": json.dumps(row["metrics"])})

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
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:

        def flush() -> None:
            rows = [{**row, "metrics": list(row["metrics"].items())} for row in waiting]
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
            waiting.clear()

        def write(results: Sequence[Result]) -> None:
            waiting.extend(map(row_of, results))
            if len(waiting) >= ROW_GROUP:
                flush()

        yield write
        flush()
