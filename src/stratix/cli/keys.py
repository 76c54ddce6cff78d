"""`stratix keys`: list, create, revoke."""

from __future__ import annotations

import click
from rich.console import RenderableType

from layerlens.models import Scope
from stratix.cli._client import connect
from stratix.cli._errors import arguments
from stratix.cli._output import Format, format_option, make_table, moment, note, plain, show


@click.group()
def keys() -> None:
    """Make API keys for others and for programs, and revoke them.

    \b
    Example:
      stratix keys create "nightly run" --scope run
    """


@keys.command("list")
@format_option
def list_(output: Format) -> None:
    """List the keys of the organisation that are not revoked.

    \b
    Example:
      stratix keys list
    """
    with connect() as client:
        found = client.api_keys.get()

    def table() -> RenderableType:
        rows = make_table("id", "name", "begins", "scopes", "made", "last used", whole=["id"])
        for key in found:
            used = moment(key.last_used_at) if key.last_used_at else "never"
            scopes = ", ".join(scope.value for scope in key.scopes)
            rows.add_row(key.id, plain(key.name), plain(key.prefix), scopes, moment(key.created_at), used)
        return rows

    show(output, found, table)


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may do besides reading: run evaluations, or admin; can be given twice. Without it: run.",
)
@format_option
def create(name: str, scopes: tuple[str, ...], output: Format) -> None:
    """Make a key, and show it this once.

    \b
    Example:
      stratix keys create "dashboard of the team" --scope read
    """
    with connect() as client, arguments():
        made = client.api_keys.create(name, scopes=scopes or (Scope.RUN,))
    show(output, made, lambda: made.key)
    note("Keep it now: it cannot be shown again.")


@keys.command()
@click.argument("key_id")
@format_option
def revoke(key_id: str, output: Format) -> None:
    """Revoke a key for good; what it had started goes on.

    KEY_ID is as `stratix keys list` shows it.

    \b
    Example:
      stratix keys revoke key_0123456789
    """
    with connect() as client, arguments():
        client.api_keys.revoke(key_id)
    show(output, {"revoked": key_id}, lambda: f"{plain(key_id)} is revoked")
