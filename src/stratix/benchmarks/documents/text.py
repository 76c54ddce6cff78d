"""Plain text, by its lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stratix.benchmarks.documents.base import text_of

NOUN = "line"


def read(path: Path) -> Iterator[str]:
    """Yield the lines."""
    yield from text_of(path).splitlines()
