"""What the files of the data folder take."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from stratix.evaluations import preparing
from stratix.settings import Settings
from stratix.storage import text_index

KINDS = ("database", "queue", "downloads", "columns", "search", "other")
"""Databases come with the files beside them; `columns` and `search` are made of large evaluations."""


def bytes_by_kind(settings: Settings) -> dict[str, int]:
    """Return the bytes of all files of the data folder, by kind; it may change meanwhile.

    Args:
        settings: where it is.
    """
    data = settings.data_dir
    folders = {
        settings.cache_dir: "downloads",
        preparing.folder(data): "columns",
        text_index.folder(data): "search",
    }
    found: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
    for entry in data.iterdir():
        kind = folders.get(entry) or _kind_of(entry.name)
        found[kind] += sum(map(_size, (entry, *entry.rglob("*")) if entry.is_dir() else (entry,)))
    return dict(found)


def _kind_of(name: str) -> str:
    """Return what a file is; SQLite's files beside a database begin with its name."""
    for database, kind in (("stratix.db", "database"), ("queue.db", "queue")):
        if name == database or name.startswith(f"{database}-"):
            return kind
    return "other"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0
