"""Generators: libraries that make a benchmark's rows, the same each time; one file each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, cast

__all__ = ["Generator", "load", "names"]

Generator = Callable[..., Iterator[dict[str, Any]]]
"""`rows(**options)`: the rows, as objects that JSON can hold."""

_OWN = frozenset(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))


def names() -> tuple[str, ...]:
    """Return the names of all generators, sorted."""
    return tuple(sorted(_OWN))


def load(name: str) -> Generator:
    """Return a generator by its name, importing the library it needs.

    Raises:
        ValueError: there is no generator of that name.
        ImportError: its library is not installed.
    """
    if name not in _OWN:
        raise ValueError(f"there is no generator {name!r}; there are: {', '.join(names())}")
    return cast(Generator, import_module(f"{__name__}.{name}").rows)
