"""Readers: from a benchmark's file to its rows; one file a format, found by its name.

A reader is a file of this folder, or an entry point of the group `stratix.readers` in an installed
plugin, that yields the rows of one file in order. It knows the format alone: which field is the
question and which the truth stands in the catalogue entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, cast

from stratix.plugins import Plugins

__all__ = ["Reader", "load", "names"]

Reader = Callable[..., Iterator[Mapping[str, Any]]]
"""`rows(stream, **options)`: the rows of one file, opened in binary mode and already unpacked."""

_plugins = Plugins("reader", __file__, __name__, "stratix.readers")


def names() -> tuple[str, ...]:
    """Return the names of all readers, those of plugins included, sorted."""
    return _plugins.names()


@cache
def load(name: str) -> Reader:
    """Return a reader by its name.

    Raises:
        ValueError: there is no reader of that name; the message lists those there are.
    """
    return cast(Reader, _plugins.load(name, attrgetter("rows")))
