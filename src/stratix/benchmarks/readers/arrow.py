"""Arrow: the IPC stream in which the `datasets` library keeps a split on disk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import pyarrow

from stratix.benchmarks.lines import BadBenchmarkFile


def rows(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield each row as an object of its columns, a batch in memory at a time.

    Raises:
        BadBenchmarkFile: it is no such stream.
    """
    try:
        with pyarrow.ipc.open_stream(stream) as batches:
            for batch in batches:
                yield from batch.to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise BadBenchmarkFile(f"not an Arrow stream: {error}") from error
