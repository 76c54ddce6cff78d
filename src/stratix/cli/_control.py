"""`stratix evaluate pause`, `resume`, `cancel`, `retry` and `delete`."""

from __future__ import annotations

import click
from rich.text import Text

from layerlens.models import Evaluation, Outcome
from stratix.cli._client import connect, find_evaluation, known
from stratix.cli._errors import Failure, arguments
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


@click.command()
@click.argument("evaluation_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask whether you are sure.")
@format_option
def delete(evaluation_id: str, yes: bool, output: Format) -> None:
    """Delete an evaluation that has ended, with its results and all that hangs on it, for good.

    What was spent on it stays counted, and its answers stay in the cache.

    \b
    Example:
      stratix evaluate delete ID
    """
    with connect() as client, arguments():
        evaluation = find_evaluation(client, evaluation_id)
        if not yes:
            done = evaluation.progress.done if evaluation.progress else 0
            named = f"{evaluation.model_key} on {evaluation.benchmark_key}"
            asked = f"Delete {plain(evaluation.id)}, {plain(named)}, with {done:,} answers, for good?"
            if not _is_sure(asked):
                raise Failure("Nothing was deleted; --yes deletes without asking.")
        known(evaluation if client.evaluations.delete(evaluation) else None, evaluation_id)
    show(output, {"deleted": evaluation.id}, lambda: f"{plain(evaluation.id)} is deleted")


def _is_sure(question: str) -> bool:
    try:
        return click.confirm(question, err=True)
    except click.Abort:  # Nobody is there to answer.
        click.echo(err=True)
        return False


def _show(evaluation: Evaluation, output: Format) -> None:
    def line() -> Text:
        text = status_text(evaluation.status).append(f"  {plain(evaluation.id)}", "default")
        return text.append(f"  {plain(evaluation.status_description)}", "dim")

    show(output, evaluation, line)
