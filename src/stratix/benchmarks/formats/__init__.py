"""Formats of files that custom benchmarks are made from; one file each, found by its name.

A format is a file of this folder. It has

- `SUFFIXES`: what its files end in;
- `ISOLATED`: True if reading a hostile file could take memory or time without end, so that it is read in a
  process of its own;
- `recognise(file)`: how sure it is that a file is its own: 0, `BY_SUFFIX` or `BY_CONTENT`;
- `read(file, data, request)`: the benchmark that the file describes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from stratix.benchmarks.formats.base import Draft, File, Request
from stratix.benchmarks.lines import BadBenchmarkFile

__all__ = ["Draft", "File", "Format", "Request", "find", "load", "names"]

_MODULES = {
    path.stem.replace("_", "-"): path.stem
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py"))
    if path.stem != "base"
}


class Format(Protocol):
    """What the module of a format has."""

    SUFFIXES: tuple[str, ...]
    ISOLATED: bool

    def recognise(self, file: File) -> int:
        """Return how sure it is that a file is its own: 0, `BY_SUFFIX` or `BY_CONTENT`."""

    def read(self, file: File, data: Sequence[File], request: Request) -> Draft:
        """Return the benchmark that a file, with its data files, describes.

        Raises:
            BadBenchmarkFile: it is not of the format, or says what cannot be carried over.
        """


def names() -> tuple[str, ...]:
    """Return the names of all formats, sorted."""
    return tuple(_MODULES)


@cache
def load(name: str) -> Format:
    """Return a format by its name.

    Raises:
        ValueError: there is none of that name; the message lists those there are.
    """
    if name not in _MODULES:
        raise ValueError(f"there is no format {name!r}; there are: {', '.join(names())}")
    return cast(Format, import_module(f"{__name__}.{_MODULES[name]}"))


def find(file: File) -> str:
    """Return the name of the format that a file is of, told by its suffix and its content.

    Raises:
        BadBenchmarkFile: it cannot be told.
    """
    sure = {
        name: load(name).recognise(file)
        for name in names()
        if not file.suffix or file.suffix in load(name).SUFFIXES
    }
    most = max(sure.values(), default=0)
    best = [name for name, how in sure.items() if how == most]
    if most and len(best) == 1:
        return best[0]
    raise BadBenchmarkFile(
        f"What kind of file {file.name} is cannot be told: say its format.\n"
        f"Give `format` (--file-format), one of {', '.join(names())}. Without one it is told "
        "from .jsonl, .json, .csv, .tsv, .parquet, .yaml and what is inside."
    )
