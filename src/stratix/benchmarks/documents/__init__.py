"""Documents that benchmarks are generated from; what reads each kind is a file of this folder.

Such a file has

- `SUFFIXES`: what its files end in;
- `NOUN`: what its text is counted in: page, paragraph, line, row;
- `read(path)`: yields the text of each of these, in order.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import PurePath
from typing import cast

from stratix.benchmarks.documents.base import BadDocument, Reader

__all__ = ["SUFFIXES", "BadDocument", "Reader", "reader_of"]

# By name alone: their libraries are needed in the process that reads, and nowhere else.
_READERS = {
    ".txt": "text",
    ".pdf": "pdf",
    ".html": "html",
    ".docx": "docx",
    ".csv": "table",
    ".json": "table",
    ".jsonl": "table",
    ".parquet": "table",
}

SUFFIXES = tuple(_READERS)
"""What documents end in."""


@cache
def _load(name: str) -> Reader:
    return cast(Reader, import_module(f"{__name__}.{name}"))


def reader_of(filename: str) -> Reader:
    """Return what reads a document, told by the suffix of its name.

    Raises:
        BadDocument: nothing reads such files.
    """
    name = _READERS.get(PurePath(filename).suffix.lower())
    if name is None:
        raise BadDocument(f"{filename} does not end in {', '.join(SUFFIXES)}: convert it first.")
    return _load(name)
