"""`stratix budgets`: show, set."""

from __future__ import annotations

import click

from stratix.cli._client import connect
from stratix.cli._errors import ExitCode, Failure, arguments
from stratix.cli._output import Format, command, format_option, show
from stratix.cli._spending import budget_card, budget_options, budget_table, say_resumed

_OWNER = "`project`, `key` (your own), or the id of a project, an API key or an evaluation"


@click.group()
def budgets() -> None:
    """Cap what projects and API keys spend.

    \b
    Example:
      stratix budgets set project --usd 100
    """


@budgets.command("show")
@click.argument("owner", required=False)
@format_option
def show_(owner: str | None, output: Format) -> None:
    """Show what projects and API keys may spend, and have spent.

    OWNER is `project`, `key` (your own), or the id of a project, an API key or an evaluation.

    \b
    Example:
      stratix budgets show project
    """
    with connect() as client, arguments():
        if owner is None:
            found = client.budgets.get()
            show(output, found, lambda: budget_table(found))
            return
        budget = client.budgets.get_by_id(owner)
    if budget is None:
        raise Failure(
            f"There is no owner {owner!r}: give {_OWNER}. All of them: {command()} budgets show",
            ExitCode.NOT_FOUND,
        )
    show(output, budget, lambda: budget_card(budget))


@budgets.command("set")
@click.argument("owner")
@budget_options("--usd", "--tokens")
@click.option("--reset", is_flag=True, help="Count what a project or a key spends anew, from now on.")
@click.option("--none", "remove", is_flag=True, help="Take the caps away.")
@format_option
def set_(
    owner: str, usd: float | None, tokens: int | None, reset: bool, remove: bool, output: Format
) -> None:
    """Set what a project, an API key or an evaluation may spend.

    Spending of a project or a key is counted from the first time a cap is set, or from --reset. What was
    paused at the cap goes on by itself once it is raised.

    OWNER is `project`, `key` (your own), or the id of a project, an API key or an evaluation.

    \b
    Example:
      stratix budgets set project --usd 100 --reset
    """
    if remove and (usd is not None or tokens is not None or reset):
        raise click.UsageError("--none takes the caps away: leave the other options out.")
    with connect() as client, arguments():
        if remove:
            updated = client.budgets.remove(owner)
        else:
            updated = client.budgets.set(owner, usd=usd, tokens=tokens, reset=reset)
    show(output, updated, lambda: budget_card(updated.budget))
    say_resumed(updated)
