"""What is made of a large evaluation at its end, so that nobody waits for it at the first look."""

from __future__ import annotations

from pathlib import Path

from stratix.storage import benchmarks, evaluations
from stratix.storage.database import Database

LARGE = 20_000
"""Results from which on columns are kept in files; fewer are read in a tenth of a second."""


def folder(data_dir: Path) -> Path:
    """Return where the files are, which processes that share a data folder share as well."""
    return data_dir / "columns"


def has_columns(data_dir: Path) -> bool:
    """Tell whether there are evaluations large enough to have files."""
    return next(folder(data_dir).glob("results.*"), None) is not None


async def prepare(database: Database, files: Path, evaluation_id: str) -> None:
    """See that the columns and the figures of an evaluation that has ended are there.

    Args:
        database: to read from.
        files: as `folder` gives it.
        evaluation_id: nothing happens if it has been deleted, or is taken up again.
    """
    # Their library is slow to import, and this module is for the worker too.
    from stratix.evaluations import distributions
    from stratix.evaluations.columns import Columns

    async with database.read() as connection:
        row = await evaluations.get(connection, evaluation_id)
        version = row and row.version_id and await benchmarks.get_version(connection, row.version_id)
    if row is not None and row.finished_at is not None:
        columns = Columns(database, files, large=0)
        await distributions.figures(columns, row)
        if version:
            await columns.groups(version.id, version.prompt_count)
