"""JSON: one document with a list of objects in it, read whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from stratix.benchmarks.lines import BadBenchmarkFile, type_name


def rows(stream: IO[bytes], *, list_field: str = "") -> Iterator[dict[str, Any]]:
    """Yield the objects of the document's list.

    Args:
        stream: the file.
        list_field: the field that holds the list; "" if the document is the list.

    Raises:
        BadBenchmarkFile: it is not JSON, or there is no list of objects in that place.
    """
    try:
        found = json.load(stream)
    except ValueError as error:
        raise BadBenchmarkFile(f"not JSON: {error}") from error
    if list_field:
        found = found.get(list_field) if isinstance(found, dict) else None
    if not isinstance(found, list):
        where = f"in `{list_field}`" if list_field else "in the document"
        raise BadBenchmarkFile(f"a list was expected {where}, not {type_name(found)}")
    for number, row in enumerate(found, start=1):
        if not isinstance(row, dict):
            raise BadBenchmarkFile(f"item {number} is not an object but {type_name(row)}")
        yield row
