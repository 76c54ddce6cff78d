"""Writing results to a file that is there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from stratix.exporting import FORMATS, ExportFormat, Write, writer


def export_format(path: Path) -> ExportFormat:
    """Return the format that a file's suffix names.

    Raises:
        BadParameter: it names none.
    """
    for kind in FORMATS:
        if path.suffix.lower() == f".{kind}":
            return kind
    raise click.BadParameter(
        f"{path.name!r} ends in none of .jsonl, .csv and .parquet: rename it, or say --as.",
        param_hint="--output",
    )


@contextmanager
def writing(path: Path, kind: ExportFormat) -> Iterator[Write]:
    """Write a file beside its place, and move it there once it is whole.

    Args:
        path: the file; one that is there is replaced.
        kind: its format.

    Yields:
        A function that takes the next results.

    Raises:
        OSError: the file cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("xb") as file:
            with writer(kind, file) as write:
                yield write
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
