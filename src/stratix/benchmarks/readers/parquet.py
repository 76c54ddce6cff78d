"""Parquet: the form in which the Hugging Face Hub keeps every dataset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import pyarrow
import pyarrow.parquet

from stratix.benchmarks.lines import BadBenchmarkFile

_BATCH = 1024


def rows(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield each row as an object of its columns, a batch in memory at a time.

    Raises:
        BadBenchmarkFile: it is not Parquet.
    """
    try:
        for batch in pyarrow.parquet.ParquetFile(stream).iter_batches(_BATCH):
            yield from batch.to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise BadBenchmarkFile(f"not Parquet: {error}") from error
