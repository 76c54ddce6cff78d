"""Things found by their names: a file of a folder each, and what installed plugins add."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any


class Plugins:
    """All things of one kind.

    Args:
        kind: what one of them is called in a message: `scorer`.
        init: the path of the package whose files they are, `__file__` there.
        package: its name.
        group: the entry points by which installed plugins declare more.
        but: files of the folder that are none; those whose names begin with `_` never are.
    """

    def __init__(self, kind: str, init: str, package: str, group: str, but: Iterable[str] = ()) -> None:
        self._kind = kind
        self._package = package
        self._group = group
        # Told from the files' names, importing none: some pull in heavy libraries.
        self._own = {path.stem for path in Path(init).parent.glob("[a-z]*.py")} - set(but)

    def names(self) -> tuple[str, ...]:
        """Return the names of all, those of plugins included, sorted; imports none."""
        return tuple(sorted(self._own | {point.name for point in entry_points(group=self._group)}))

    def load(self, name: str, pick: Callable[[ModuleType], Any], others: Iterable[str] = ()) -> Any:
        """Return the one of a name, importing its file alone.

        Args:
            name: one of `names()`.
            pick: takes it out of its file; an entry point names it itself.
            others: names the message lists besides.

        Raises:
            ValueError: there is none of that name; the message lists those there are.
        """
        if name in self._own:
            return pick(import_module(f"{self._package}.{name}"))
        for point in entry_points(group=self._group, name=name):
            return point.load()
        there_are = ", ".join(sorted({*self.names(), *others}))
        raise ValueError(f"there is no {self._kind} {name!r}; there are: {there_are}")


def named(name: str) -> Callable[[ModuleType], Any]:
    """Return what takes the class whose attribute `name` is that name out of a file."""

    def pick(module: ModuleType) -> Any:
        return next(
            thing
            for thing in vars(module).values()
            if isinstance(thing, type) and getattr(thing, "name", None) == name
        )

    return pick
