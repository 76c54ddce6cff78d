"""`stratix cache`: show, clear."""

from __future__ import annotations

import re

import click
from rich.console import RenderableType

from stratix.cli._client import connect, find_model
from stratix.cli._errors import arguments
from stratix.cli._output import Format, format_option, make_table, moment, plain, show

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}


@click.group()
def cache() -> None:
    """Look at the answers that are kept for `evaluate run --cache`, and clear them.

    \b
    Example:
      stratix cache clear --model gpt-4o --older-than 7d
    """


@cache.command("show")
@format_option
def show_(output: Format) -> None:
    """Show how many answers of each model there are.

    \b
    Example:
      stratix cache show
    """
    with connect() as client:
        found = client.cache.get()

    def table() -> RenderableType:
        rows = make_table("model", "answers", "oldest", "newest", numbers=["answers"])
        for model in found:
            name = plain(model.model_key or model.model_id)
            rows.add_row(name, f"{model.answers:,}", moment(model.oldest_at), moment(model.newest_at))
        return rows

    show(output, found, table)


@cache.command()
@click.option("--model", help="Key or id of a model: its answers only.")
@click.option("--older-than", metavar="AGE", help="Answers older than this only: 90s, 30m, 12h, 7d, 2w.")
@format_option
def clear(model: str | None, older_than: str | None, output: Format) -> None:
    """Remove answers; without options all of them.

    \b
    Example:
      stratix cache clear --model gpt-4o --older-than 7d
    """
    age = None if older_than is None else _age(older_than)
    with connect() as client, arguments():
        found = find_model(client, model).id if model is not None else None
        removed = client.cache.clear(found, older_than=age)
    show(output, {"removed": removed}, lambda: f"{removed:,} answers removed")


def _age(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", text.strip())
    if not found:
        raise click.BadParameter(
            f"{text!r} is no age: say 90s, 30m, 12h, 7d or 2w.", param_hint="--older-than"
        )
    return float(found[1]) * _SECONDS[found[2]]
