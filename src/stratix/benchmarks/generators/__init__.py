"""Generators: libraries that make a benchmark's rows, the same each time; one file each.

Installed plugins add theirs as entry points of the group `stratix.generators`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any, cast

from stratix.plugins import Plugins

__all__ = ["Generator", "load", "names"]

Generator = Callable[..., Iterator[dict[str, Any]]]
"""`rows(**options)`: the rows, as objects that JSON can hold."""

_plugins = Plugins("generator", __file__, __name__, "stratix.generators")


def names() -> tuple[str, ...]:
    """Return the names of all generators, those of plugins included, sorted."""
    return _plugins.names()


def load(name: str) -> Generator:
    """Return a generator by its name, importing the library it needs.

    Raises:
        ValueError: there is no generator of that name.
        ImportError: its library is not installed.
    """
    return cast(Generator, _plugins.load(name, attrgetter("rows")))
