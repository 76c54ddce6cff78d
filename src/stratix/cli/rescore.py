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
from stratix.cli._client import connect, find_evaluation, known
from stratix.cli._errors import Failure, arguments
from stratix.cli._output import Format, format_option, make_table, note, plain, show, waiting
from stratix.cli._report import outcome_counts, outcome_text, percent

_CELL = 60


@click.command()
@click.argument("evaluation_id", metavar="EVALUATION")
@click.option("--scorer", help="Name of the scorer.  [default: the benchmark's own, as it is today]")
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="An option of the scorer; what is no JSON is text. May be given several times.",
)
@click.option(
    "--limit", type=click.IntRange(0, 500), default=20, show_default=True, help="Most changed rows to show."
)
@format_option
def rescore(
    evaluation_id: str, scorer: str | None, options: Sequence[str], limit: int, output: Format
) -> None:
    """Judge the answers of an evaluation again, without asking the model again.

    Shows what the accuracy would be and which verdicts change. The evaluation stays as it is; the scoring
    is kept beside it.

    \b
    Example:
      stratix rescore ID --scorer numeric
      stratix rescore ID --scorer exact --option ignore_case=false
    """
    chosen = dict(map(_option, options))
    if chosen and scorer is None:
        raise click.UsageError("--option needs --scorer: say whose option it is.")
    with connect() as client:
        evaluation = find_evaluation(client, evaluation_id)
        with waiting("Scoring the stored answers again; no model is asked") as say, arguments():
            scoring = client.evaluations.rescore(
                evaluation, scorer=scorer, options=chosen or None, on_progress=lambda found: say(_done(found))
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
    return Text.assemble(
        (f"{judged:,} answers", "bold"), f" of {scoring.evaluation_id} judged by {plain(', '.join(names))}"
    )


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
