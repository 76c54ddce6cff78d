"""JSON: a list of objects, or an object with such a list in `data`, `examples`, `rows` and the like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stratix.benchmarks.formats.base import BY_SUFFIX, Draft, File, Request, no_data
from stratix.benchmarks.lines import BadBenchmarkFile, type_name
from stratix.benchmarks.rows import draft_of, numbered

SUFFIXES = (".json",)
ISOLATED = False

_LISTS = ("data", "examples", "rows", "samples", "items", "questions", "instances")


def recognise(file: File) -> int:
    """Take every file of the suffix that no other format knows."""
    return BY_SUFFIX if file.suffix in SUFFIXES else 0


def read(file: File, data: Sequence[File], request: Request) -> Draft:
    """Return the benchmark of a document's list."""
    no_data(data, "json")
    return draft_of(numbered(rows_of(file)), request, "row")


def rows_of(file: File) -> list[Any]:
    """Return the list of a document; the rows of Hugging Face's dataset viewer are unwrapped.

    Raises:
        BadBenchmarkFile: there is no one list in it, or the viewer has cut off cells.
    """
    document = file.json
    if isinstance(document, dict):
        found = [name for name in _LISTS if isinstance(document.get(name), list)]
        if len(found) != 1:
            there = ", ".join(f"`{name}`" for name in list(document)[:20]) or "nothing"
            raise BadBenchmarkFile(
                f"{file.name} needs a list of objects, by itself or in one of {', '.join(_LISTS)}; "
                f"it has {there}."
            )
        document = document[found[0]]
    if not isinstance(document, list):
        raise BadBenchmarkFile(f"{file.name} needs a list of objects, not {type_name(document)}.")
    return [_unwrapped(number, row) for number, row in enumerate(document, start=1)]


def _unwrapped(number: int, row: Any) -> Any:
    if isinstance(row, dict) and isinstance(row.get("row"), dict) and set(row) <= _VIEWER:
        if row.get("truncated_cells"):
            raise BadBenchmarkFile(f"row {number} was cut off by the dataset viewer: take the whole data set")
        return row["row"]
    return row


_VIEWER = frozenset({"row", "row_idx", "truncated_cells"})
