"""`stratix providers`: who serves the public models, and the project's keys for them: set, remove."""

from __future__ import annotations

import sys

import click
from rich.console import RenderableType

from layerlens.models import ProviderStatus
from stratix.cli._client import connect
from stratix.cli._errors import arguments
from stratix.cli._output import Format, format_option, make_table, note, plain, show


@click.group(invoke_without_command=True)
@format_option
@click.pass_context
def providers(context: click.Context, output: Format) -> None:
    """List the providers of public models, and where the key of each comes from.

    The project's own key goes before one in the environment of `stratix up` and of each `stratix
    worker`. No more than the beginning and the end of a key is shown.

    \b
    Example:
      stratix providers
    """
    if context.invoked_subcommand is not None:
        return
    with connect() as client:
        found = client.platform.get_providers()

    def table() -> RenderableType:
        rows = make_table("provider", "name", "models", "key", "variable", numbers=["models"])
        for provider in found:
            variables = plain(" or ".join(provider.variables))
            rows.add_row(
                plain(provider.key), plain(provider.name), f"{provider.models:,}", _key(provider), variables
            )
        return rows

    show(output, found, table)


@providers.command("set-key")
@click.argument("provider")
@format_option
def set_key(provider: str, output: Format) -> None:
    """Store the project's key for a provider, in place of one it has.

    The key is asked for on a terminal, and read from standard input elsewhere; it never stands on the
    command line, where other users could see it. The server keeps it encrypted, and all that begins
    from now on uses it.

    PROVIDER is as `stratix providers` shows it.

    \b
    Examples:
      stratix providers set-key openai
      stratix providers set-key openai < key.txt
    """
    with connect() as client, arguments():
        status = client.platform.set_provider_key(provider, _read_key(provider))
    show(output, status, lambda: f"{plain(status.name)}: {_key(status)}")


@providers.command("remove-key")
@click.argument("provider")
@format_option
def remove_key(provider: str, output: Format) -> None:
    """Forget the project's key for a provider; one in the server's environment is used again.

    PROVIDER is as `stratix providers` shows it.

    \b
    Example:
      stratix providers remove-key openai
    """
    with connect() as client, arguments():
        status = client.platform.remove_provider_key(provider)
    show(output, status, lambda: f"{plain(status.name)}: {_key(status)}")
    if not status.has_key:
        note("Its models cannot be asked until there is a key again.")


def _key(provider: ProviderStatus) -> str:
    """Say which key there is."""
    if not provider.variables:
        return "none needed"
    if not provider.has_key:
        return "not set"
    return f"{plain(provider.masked_key) or 'set'} ({provider.source})"


def _read_key(provider: str) -> str:
    """Read a key from the terminal without showing it, or from standard input; blanks around it go."""
    if sys.stdin.isatty():
        asked = f"API key of {provider} for the project"
        return str(click.prompt(asked, hide_input=True, err=True)).strip()
    return sys.stdin.read().strip()
