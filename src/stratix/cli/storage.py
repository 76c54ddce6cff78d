"""`stratix storage`: how much the platform keeps."""

from __future__ import annotations

import click

from stratix.cli._client import connect
from stratix.cli._output import Format, format_option, make_card, plain, show


@click.command()
@format_option
def storage(output: Format) -> None:
    """Show how much the platform keeps: its database, the files beside it, and what the organisation has.

    \b
    Example:
      stratix storage
    """
    with connect() as client:
        found = client.platform.get_storage()
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(found.database, found.database)
    rows = [(plain(name).replace("_", " "), f"{count:,}") for name, count in found.rows.items()]
    free = f", {_size(found.database_free_bytes)} of it free" if found.database_free_bytes else ""
    files = found.files or {"downloads": found.download_bytes}
    card = [
        ("database", f"{_size(found.database_bytes)} in {plain(kind)}{free}"),
        *((f"files: {plain(name)}", _size(count)) for name, count in files.items()),
        ("files: all", _size(sum(files.values()))),
        *rows,
    ]
    show(output, found, lambda: make_card(card))


def _size(count: int) -> str:
    """Return bytes in decimal units."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count} B"
