"""Readers: from a benchmark's file to its rows; one file a format, found by its name.

A reader is a file of this folder, or an entry point of the group `stratix.readers` in an installed
plugin, that yields the rows of one file in order. It knows the format alone: which field is the
question and which the truth stands in the catalogue entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, cast

__all__ = ["Reader", "load", "names"]

Reader = Callable[..., Iterator[Mapping[str, Any]]]
"""`rows(stream, **options)`: the rows of one file, opened in binary mode and already unpacked."""

_GROUP = "stratix.readers"
_OWN = frozenset(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))


def names() -> tuple[str, ...]:
    """Return the names of all readers, those of plugins included, sorted."""
    return tuple(sorted(_OWN | {point.name for point in entry_points(group=_GROUP)}))


@cache
def load(name: str) -> Reader:
    """Return a reader by its name.

    Raises:
        ValueError: there is no reader of that name; the message lists those there are.
    """
    if name in _OWN:
        return cast(Reader, import_module(f"{__name__}.{name}").rows)
    for point in entry_points(group=_GROUP, name=name):
        return cast(Reader, point.load())
    raise ValueError(f"there is no reader {name!r}; there are: {', '.join(names())}")
