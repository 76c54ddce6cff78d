"""`stratix rescore`: judge the answers of an evaluation again, without asking the model again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from layerlens.models import ChangedResult, Evaluation, Scoring
from stratix.cli._client import connect, find_evaluation, find_model, known
from stratix.cli._errors import ExitCode, Failure, arguments
from stratix.cli._output import Format, command, format_option, make_table, note, plain, show, waiting
from stratix.cli._report import outcome_counts, outcome_text, percent, status_text
from stratix.cli._spending import dollars

_CELL = 60


class _RunByDefault(click.Group):
    """A group whose command `run` is meant where none is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `run` before what is no command of the group."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_RunByDefault)
def rescore() -> None:
    """Judge the answers of an evaluation again, without asking the model again.

    `stratix rescore EVALUATION` is short for `stratix rescore run EVALUATION`, which has the options.

    \b
    Examples:
      stratix rescore ID --scorer numeric
      stratix rescore ID --scorer rubric --judge gpt-4o --apply
      stratix rescore list ID
    """


@rescore.command()
@click.argument("evaluation_id", metavar="EVALUATION")
@click.option("--scorer", help="Name of the scorer.  [default: the benchmark's own, as it is today]")
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="An option of the scorer; what is no JSON is text. May be given several times.",
)
@click.option("--judge", help="Key or id of a model that grades, for scorers that ask one; it costs calls.")
@click.option("--apply", "applied", is_flag=True, help="Have the evaluation show the new verdicts.")
@click.option(
    "--limit", type=click.IntRange(0, 500), default=20, show_default=True, help="Most changed rows to show."
)
@format_option
def run(
    evaluation_id: str,
    scorer: str | None,
    options: Sequence[str],
    judge: str | None,
    applied: bool,
    limit: int,
    output: Format,
) -> None:
    """Judge the answers of an evaluation again, without asking the model again.

    Shows what the accuracy would be and which verdicts change. The evaluation stays as it is unless --apply
    is given; the scoring is kept beside it.

    \b
    Examples:
      stratix rescore run ID --scorer numeric
      stratix rescore run ID --scorer exact --option ignore_case=false
      stratix rescore run ID --scorer rubric --judge gpt-4o --apply
    """
    chosen = dict(map(_option, options))
    if chosen and scorer is None:
        raise click.UsageError("--option needs --scorer: say whose option it is.")
    with connect() as client:
        evaluation = find_evaluation(client, evaluation_id)
        grader = find_model(client, judge) if judge is not None else None
        asked = f"{grader.key} is asked" if grader else "no model is asked"
        with waiting(f"Scoring the stored answers again; {plain(asked)}") as say, arguments():
            scoring = client.evaluations.rescore(
                evaluation,
                scorer=scorer,
                options=chosen or None,
                judge=grader,
                apply=applied,
                on_progress=lambda found: say(_done(found)),
            )
        if scoring is None:
            known(None, evaluation_id)
            return
        if not scoring.is_success:
            raise Failure(scoring.status_description or f"The scoring ended in {scoring.status}.")
        page = client.evaluations.get_scoring_changes(scoring, page_size=limit) if limit else None
    changes = page.changes if page else []
    data = {"scoring": scoring, "changes": changes}
    show(output, data, lambda: _report(evaluation, scoring, changes))
    if scoring.changed and len(changes) < scoring.changed:
        note(f"{len(changes):,} of {scoring.changed:,} changed results; --limit shows more")
    if applied:
        note(f"The evaluation shows them now. Back to its own: {_command('original', evaluation_id)}")
    elif scoring.changed:
        note(f"To have the evaluation show them: {_command('apply', evaluation_id, scoring.id)}")


@rescore.command("list")
@click.argument("evaluation_id", metavar="EVALUATION")
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="Most to show.")
@format_option
def list_(evaluation_id: str, limit: int, output: Format) -> None:
    """List the scorings of an evaluation, the latest first; the one it shows is marked.

    \b
    Example:
      stratix rescore list ID
    """
    with connect() as client:
        evaluation = find_evaluation(client, evaluation_id)
        found = client.evaluations.get_scorings(evaluation, page_size=limit)
    scorings = found.scorings if found else []

    def table() -> RenderableType:
        rows = make_table(
            "", "scoring", "status", "scorer", "accuracy", "judged", "changed",
            numbers=["accuracy", "judged", "changed"], whole=["scoring", "status"],
        )  # fmt: skip
        for scoring in scorings:
            rows.add_row(
                "*" if scoring.id == evaluation.shown_scoring_id else "",
                plain(scoring.id),
                status_text(scoring.status),
                plain(scoring.scorer.name),
                "" if scoring.accuracy is None else percent(scoring.accuracy),
                f"{scoring.progress.done:,}/{scoring.progress.total:,}",
                "" if scoring.changed is None else f"{scoring.changed:,}",
            )
        return rows

    show(output, scorings, table)


@rescore.command()
@click.argument("evaluation_id", metavar="EVALUATION")
@click.argument("scoring_id", metavar="SCORING")
@format_option
def apply(evaluation_id: str, scoring_id: str, output: Format) -> None:
    """Have an evaluation show the verdicts of a scoring; those it came with are kept.

    \b
    Example:
      stratix rescore apply ID SCORING
    """
    with connect() as client, arguments():
        scoring = _known(client.evaluations.get_scoring(evaluation_id, scoring_id), scoring_id)
        evaluation = known(client.evaluations.apply_scoring(scoring), evaluation_id)
    show(output, evaluation, lambda: _shown(evaluation))


@rescore.command()
@click.argument("evaluation_id", metavar="EVALUATION")
@format_option
def original(evaluation_id: str, output: Format) -> None:
    """Have an evaluation show the verdicts again that it came with.

    \b
    Example:
      stratix rescore original ID
    """
    with connect() as client, arguments():
        evaluation = known(client.evaluations.revert_scoring(evaluation_id), evaluation_id)
    show(output, evaluation, lambda: _shown(evaluation))


@rescore.command()
@click.argument("evaluation_id", metavar="EVALUATION")
@click.argument("scoring_id", metavar="SCORING")
@format_option
def cancel(evaluation_id: str, scoring_id: str, output: Format) -> None:
    """Cancel a scoring that has not ended.

    \b
    Example:
      stratix rescore cancel ID SCORING
    """
    with connect() as client, arguments():
        scoring = _known(client.evaluations.get_scoring(evaluation_id, scoring_id), scoring_id)
        scoring = _known(client.evaluations.cancel_scoring(scoring), scoring_id)
    show(output, scoring, lambda: status_text(scoring.status).append(f"  {plain(scoring.id)}"))


def _known(scoring: Scoring | None, scoring_id: str) -> Scoring:
    if scoring is None:
        raise Failure(
            f"There is no scoring {scoring_id!r} of this evaluation. All of them: "
            f"{command()} rescore list EVALUATION",
            ExitCode.NOT_FOUND,
        )
    return scoring


def _command(*arguments: str) -> str:
    return " ".join([command(), "rescore", *arguments])


def _shown(evaluation: Evaluation) -> Text:
    of = f"scoring {evaluation.shown_scoring_id}" if evaluation.shown_scoring_id else "its own verdicts"
    line = Text.assemble(f"accuracy {percent(evaluation.accuracy)}  by {plain(of)}\n")
    return line.append_text(outcome_counts(evaluation.outcomes))


def _done(scoring: Scoring) -> str:
    return f"{scoring.progress.done:,} of {scoring.progress.total:,} answers judged"


def _option(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE.", param_hint="--option")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _report(evaluation: Evaluation, scoring: Scoring, changes: Sequence[ChangedResult]) -> RenderableType:
    parts: list[RenderableType] = [_headline(scoring), _accuracy(evaluation, scoring)]
    parts.append(Text.assemble("was  ", outcome_counts(evaluation.outcomes)))
    parts.append(Text.assemble("now  ", outcome_counts(scoring.outcomes)))
    if not scoring.changed:
        parts.append(Text("No verdict changes."))
        return Group(*parts)
    parts.append(_transitions(scoring))
    if changes:
        parts.append(_changes(changes))
    return Group(*parts)


def _headline(scoring: Scoring) -> Text:
    scorers = [scoring.scorer, *scoring.subset_scorers.values()]
    names = list(dict.fromkeys(f"{scorer.name} (version {scorer.version})" for scorer in scorers))
    judged = scoring.progress.done
    line = Text.assemble(
        (f"{judged:,} answers", "bold"), f" of {scoring.evaluation_id} judged by {plain(', '.join(names))}"
    )
    if scoring.judge_model_key:
        cost = "" if scoring.judge_cost is None else f", {dollars(scoring.judge_cost)}"
        line.append(
            f"\ngraded by {plain(scoring.judge_model_key)}: {scoring.judge_tokens_input or 0:,} tokens in, "
            f"{scoring.judge_tokens_output or 0:,} out{cost}"
        )
    return line


def _accuracy(evaluation: Evaluation, scoring: Scoring) -> Text:
    assert scoring.accuracy is not None  # It ended in success.
    line = Text.assemble(f"accuracy {percent(evaluation.accuracy)} → ", (percent(scoring.accuracy), "bold"))
    if scoring.accuracy_interval:
        low, high = scoring.accuracy_interval
        line.append(f"   95% interval {percent(low)} to {percent(high)}")
    return line


def _transitions(scoring: Scoring) -> Table:
    table = make_table("was", "now", "results", numbers=["results"])
    for before, counts in (scoring.transitions or {}).items():
        for after, count in counts.items():
            table.add_row(outcome_text(before), outcome_text(after), f"{count:,}")
    return table


def _changes(changes: Sequence[ChangedResult]) -> Table:
    table = make_table("was", "now", "answer", "truth", "why", whole=["was", "now"])
    for row in changes:
        table.add_row(
            outcome_text(row.old.outcome),
            outcome_text(row.new.outcome),
            plain(row.result, _CELL),
            plain(row.truth, _CELL),
            plain(row.new.explanation, _CELL),
        )
    return table
