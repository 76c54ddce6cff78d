"""Parquet, as Hugging Face keeps data sets; read a few rows at a time, within stated limits."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from typing import Any

from stratix.benchmarks.formats.base import BY_SUFFIX, MAX_ROWS, Draft, File, Request, no_data
from stratix.benchmarks.lines import BadBenchmarkFile
from stratix.benchmarks.rows import draft_of, numbered

SUFFIXES = (".parquet",)
ISOLATED = True

_MAX_UNPACKED = 1024**3
_BATCH = 64


def recognise(file: File) -> int:
    """Take every file of the suffix."""
    return BY_SUFFIX if file.suffix in SUFFIXES else 0


def read(file: File, data: Sequence[File], request: Request) -> Draft:
    """Return the benchmark of a table."""
    no_data(data, "parquet")
    return draft_of(numbered(rows_of(file)), request, "row")


def rows_of(file: File) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table.

    Raises:
        BadBenchmarkFile: it is not Parquet, or more than may be read.
    """
    # Half a second that no other format needs.
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(io.BytesIO(file.content))
        about = table.metadata
        unpacked = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
        if about.num_rows > MAX_ROWS or unpacked > _MAX_UNPACKED:
            raise BadBenchmarkFile(
                f"{file.name} unpacks to {about.num_rows:,} rows of {unpacked:,} bytes; at most {MAX_ROWS:,} "
                f"and {_MAX_UNPACKED:,} are read: split it."
            )
        for batch in table.iter_batches(batch_size=_BATCH, use_threads=False):
            for row in batch.to_pylist():
                yield {name: _plain(value) for name, value in row.items()}
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise BadBenchmarkFile(f"{file.name} cannot be read as Parquet: {error}") from error


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: dates as text, None for NaN and for bytes that are no text."""
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return None
    return str(value)
