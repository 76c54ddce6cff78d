"""`stratix evaluate`: run, list, get, and what stops and starts an evaluation."""

from __future__ import annotations

from typing import Any, get_args

import click
from rich.console import RenderableType

from layerlens import Stratix
from layerlens.models import Evaluation, EvaluationSort, EvaluationStatus
from stratix.cli._client import connect, find_benchmark, find_evaluation, find_model
from stratix.cli._control import cancel, delete, pause, resume, retry
from stratix.cli._errors import ExitCode, arguments
from stratix.cli._output import (
    Format,
    command,
    format_option,
    make_table,
    moment,
    note,
    plain,
    print_commands,
    show,
    stderr,
    stdout,
    write_json,
)
from stratix.cli._report import fetch_samples, more, percent, report, status_text
from stratix.cli._spending import budget_card, budget_options, estimates, say_resumed
from stratix.cli._starting import estimate, run_options, start
from stratix.cli._summary import await_summary, summary_report
from stratix.cli._watch import watch


@click.group()
def evaluate() -> None:
    """Evaluate a model on a benchmark, and follow it.

    \b
    Example:
      stratix evaluate run --model gpt-4o --benchmark simpleqa --limit 100 --watch
    """


@evaluate.command()
@run_options
@click.option("--dry-run", is_flag=True, help="Show what it would take, and ask nobody.")
@click.option("--watch", "watching", is_flag=True, help="Follow it to the end and show the report.")
@format_option
def run(dry_run: bool, watching: bool, output: Format, **wanted: Any) -> None:
    """Start an evaluation.

    \b
    Example:
      stratix evaluate run --model gpt-4o --benchmark simpleqa --limit 100 --watch
    """
    with connect() as client:
        if dry_run:
            found = estimate(client, **wanted)
            show(output, found, lambda: estimates(found))
            return
        evaluation = start(client, **wanted)
        if watching:
            _finish(client, follow(client, evaluation), output)
        elif output == "json":
            write_json(evaluation)
        else:
            stdout().print("Follow it, or stop it:")
            print_commands(stdout(), more(evaluation))


@evaluate.command("list")
@click.option("--status", type=click.Choice([status.value for status in EvaluationStatus]))
@click.option("--model", help="Key or id of the model.")
@click.option("--benchmark", help="Key or id of the benchmark.")
@click.option(
    "--sort-by", type=click.Choice(get_args(EvaluationSort)), default="submitted_at", show_default=True
)
@click.option("--order", type=click.Choice(["asc", "desc"]), default="desc", show_default=True)
@click.option("--unique", is_flag=True, help="The latest of each model and benchmark only.")
@click.option(
    "--attention", is_flag=True, help="Only what failed, timed out, is paused, or succeeded with a remark."
)
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="Most to show.")
@format_option
def list_(
    status: str | None,
    model: str | None,
    benchmark: str | None,
    sort_by: EvaluationSort,
    order: str,
    unique: bool,
    attention: bool,
    limit: int,
    output: Format,
) -> None:
    """List the project's evaluations, the latest first.

    \b
    Example:
      stratix evaluate list --status success --sort-by accuracy --limit 10
    """
    with connect() as client:
        found = client.evaluations.get_many(
            page_size=limit,
            sort_by=sort_by,
            order="asc" if order == "asc" else "desc",
            model_ids=[find_model(client, model).id] if model is not None else None,
            benchmark_ids=[find_benchmark(client, benchmark).id] if benchmark is not None else None,
            status=status,
            unique=unique,
            attention=attention,
        )

    def table() -> RenderableType:
        rows = make_table(
            "id", "status", "model", "benchmark", "accuracy", "answers", "submitted",
            numbers=["accuracy", "answers"], whole=["id", "status", "submitted"],
        )  # fmt: skip
        for evaluation in found.evaluations:
            progress = evaluation.progress
            rows.add_row(
                plain(evaluation.id),
                status_text(evaluation.status),
                plain(evaluation.model_key or evaluation.model_id),
                plain(evaluation.benchmark_key or evaluation.benchmark_id),
                percent(evaluation.accuracy) if evaluation.is_finished else "",
                f"{progress.done:,}/{progress.total:,}" if progress and progress.total else "",
                moment(evaluation.submitted_at),
            )
        return rows

    show(output, found.evaluations, table)
    if len(found.evaluations) < found.pagination.total_count:
        note(f"{len(found.evaluations)} of {found.pagination.total_count} evaluations; --limit shows more")


@evaluate.command()
@click.argument("evaluation_id", metavar="ID")
@click.option("--watch", "watching", is_flag=True, help="Follow it to the end first.")
@click.option("--summary", "summed_up", is_flag=True, help="Show its summary instead, once there is one.")
@format_option
def get(evaluation_id: str, watching: bool, summed_up: bool, output: Format) -> None:
    """Show the report on an evaluation.

    With --watch the exit code is 1 if it did not end in success.

    \b
    Examples:
      stratix evaluate get ID --watch
      stratix evaluate get ID --summary
    """
    with connect() as client:
        evaluation = find_evaluation(client, evaluation_id)
        if summed_up:
            evaluation = await_summary(client, follow(client, evaluation) if watching else evaluation)
            assert evaluation.summary is not None
            summary = evaluation.summary
            show(output, summary, lambda: summary_report(summary))
        elif watching:
            _finish(client, follow(client, evaluation), output)
        else:
            _show(client, evaluation, output)


for _command in (pause, resume, cancel, retry, delete):
    evaluate.add_command(_command)


@evaluate.command()
@click.argument("evaluation_id", metavar="ID")
@budget_options("--usd", "--tokens")
@format_option
def budget(evaluation_id: str, usd: float | None, tokens: int | None, output: Format) -> None:
    """Show what an evaluation may spend and has spent, or change it.

    An evaluation that was paused at its cap goes on by itself once the cap is raised.

    \b
    Example:
      stratix evaluate budget ID --usd 5
    """
    with connect() as client:
        evaluation = find_evaluation(client, evaluation_id)
        if usd is None and tokens is None:
            found = client.evaluations.get_budget(evaluation)
            assert found is not None  # The evaluation is there.
            show(output, found, lambda: budget_card(found))
            return
        with arguments():
            updated = client.evaluations.set_budget(evaluation, usd=usd, tokens=tokens)
    show(output, updated, lambda: budget_card(updated.budget))
    say_resumed(updated)


def follow(client: Stratix, evaluation: Evaluation) -> Evaluation:
    """Follow an evaluation to its end; Ctrl-C leaves it running, and the command with exit code 130."""
    try:
        return watch(client, evaluation, stderr())
    except KeyboardInterrupt:
        prefix = f"{command()} evaluate"
        note(f"Evaluation {evaluation.id} goes on. Watch it again: {prefix} get {evaluation.id} --watch")
        note(f"Or cancel it: {prefix} cancel {evaluation.id}")
        raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None


def _finish(client: Stratix, evaluation: Evaluation, output: Format) -> None:
    """Show how an evaluation ended, and leave with exit code 1 if that was not in success."""
    _show(client, evaluation, output)
    if not evaluation.is_success:
        raise click.exceptions.Exit(ExitCode.NOT_DONE)


def _show(client: Stratix, evaluation: Evaluation, output: Format) -> None:
    show(output, evaluation, lambda: report(evaluation, fetch_samples(client, evaluation)))
    if output == "table":
        print_commands(stdout(), more(evaluation))
