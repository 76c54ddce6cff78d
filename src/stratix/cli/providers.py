"""`stratix providers`: who serves the public models, and whose keys the server has."""

from __future__ import annotations

import click
from rich.console import RenderableType

from stratix.cli._client import connect
from stratix.cli._output import Format, format_option, make_table, plain, show


@click.command()
@format_option
def providers(output: Format) -> None:
    """List the providers of public models, and whether the server has their keys.

    Keys are set in the environment of `stratix up` and of each `stratix worker`. No more than their
    end is shown.

    \b
    Example:
      stratix providers
    """
    with connect() as client:
        found = client.platform.get_providers()

    def table() -> RenderableType:
        rows = make_table("provider", "models", "key", "set by", numbers=["models"], whole=["set by"])
        for provider in found:
            if not provider.variables:
                key = "none needed"
            else:
                key = (plain(provider.masked_key) or "set") if provider.has_key else "not set"
            rows.add_row(
                plain(provider.name), f"{provider.models:,}", key, plain(" or ".join(provider.variables))
            )
        return rows

    show(output, found, table)
