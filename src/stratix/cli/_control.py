"""`stratix evaluate pause`, `resume`, `cancel` and `retry`."""

from __future__ import annotations

import click
from rich.text import Text

from layerlens.models import Evaluation, Outcome
from stratix.cli._client import connect, known
from stratix.cli._errors import arguments
from stratix.cli._output import Format, format_option, plain, show
from stratix.cli._report import status_text


@click.command()
@click.argument("evaluation_id", metavar="ID")
@format_option
def pause(evaluation_id: str, output: Format) -> None:
    """Pause an evaluation; answers on their way are kept, nothing more is asked.

    \b
    Example:
      stratix evaluate pause ID
    """
    with connect() as client, arguments():
        evaluation = known(client.evaluations.pause(evaluation_id), evaluation_id)
    _show(evaluation, output)


@click.command()
@click.argument("evaluation_id", metavar="ID")
@format_option
def resume(evaluation_id: str, output: Format) -> None:
    """Let a paused evaluation go on where it stopped; nothing is asked twice.

    \b
    Example:
      stratix evaluate resume ID
    """
    with connect() as client, arguments():
        evaluation = known(client.evaluations.resume(evaluation_id), evaluation_id)
    _show(evaluation, output)


@click.command()
@click.argument("evaluation_id", metavar="ID")
@format_option
def cancel(evaluation_id: str, output: Format) -> None:
    """Cancel an evaluation; the results it has stay.

    \b
    Example:
      stratix evaluate cancel ID
    """
    with connect() as client, arguments():
        evaluation = known(client.evaluations.cancel(evaluation_id), evaluation_id)
    _show(evaluation, output)


@click.command()
@click.argument("evaluation_id", metavar="ID")
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    type=click.Choice([outcome.value for outcome in Outcome]),
    help="Ask for results of this outcome anew; may be given several times.  [default: failed]",
)
@format_option
def retry(evaluation_id: str, outcomes: tuple[str, ...], output: Format) -> None:
    """Take up a finished evaluation again: ask for what failed, and for what was never asked.

    A new result takes the place of the one before, and has the attempts, tokens and cost of both.

    \b
    Examples:
      stratix evaluate retry ID
      stratix evaluate retry ID --outcome failed --outcome truncated
    """
    with connect() as client, arguments():
        evaluation = known(client.evaluations.retry(evaluation_id, outcomes=outcomes or None), evaluation_id)
    _show(evaluation, output)


def _show(evaluation: Evaluation, output: Format) -> None:
    def line() -> Text:
        text = status_text(evaluation.status).append(f"  {plain(evaluation.id)}", "default")
        return text.append(f"  {plain(evaluation.status_description)}", "dim")

    show(output, evaluation, line)
