"""What came of an evaluation, for people to read; the same wherever it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.bar import Bar
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from layerlens import Stratix
from layerlens.models import (
    Evaluation,
    EvaluationStatus,
    JudgedFigures,
    MetricMeasured,
    Outcome,
    Result,
    SubsetScore,
)
from stratix.cli._output import command, make_table, plain
from stratix.cli._spending import dollars
from stratix.cli._summary import takeaways

ALWAYS_COUNTED = (
    Outcome.CORRECT,
    Outcome.INCORRECT,
    Outcome.UNPARSED,
    Outcome.TRUNCATED,
    Outcome.FAILED,
)
"""Outcomes that are counted in a report also when there are none."""

SAMPLES = 3
"""How many right answers are shown, and how many others."""

_BAR_WIDTH = 20
_CELL = 60
_STYLES = {
    Outcome.CORRECT: "green",
    Outcome.PARTIAL: "yellow",
    Outcome.INCORRECT: "red",
    Outcome.FAILED: "bold red",
    Outcome.SCORER_ERROR: "bold red",
}
_STATUS_STYLES = {
    EvaluationStatus.SUCCESS: "bold green",
    EvaluationStatus.FAILURE: "bold red",
    EvaluationStatus.TIMEOUT: "bold red",
    EvaluationStatus.CANCELLED: "bold yellow",
}


def report(evaluation: Evaluation, samples: Sequence[Result]) -> RenderableType:
    """Return the report on an evaluation.

    Args:
        evaluation: finished or not.
        samples: results to show, as `pick_samples` picks them.
    """
    parts: list[RenderableType] = [_headline(evaluation)]
    said = (
        [Text(plain(evaluation.status_description, 600), "yellow")] if evaluation.status_description else []
    )
    if not evaluation.is_success:
        parts += said
    if not evaluation.is_finished:
        parts.append(Text(_progress(evaluation)))
    elif evaluation.outcomes:
        parts += [_accuracy(evaluation), *_epochs(evaluation)]
        if evaluation.shots:
            parts.append(Text(f"{evaluation.shots} worked examples before each question"))
        if evaluation.judged:
            parts.append(Text(_judged(evaluation, evaluation.judged)))
        parts += _measured(evaluation.measured or {})
    if evaluation.outcomes:
        parts.append(outcome_counts(evaluation.outcomes, always=ALWAYS_COUNTED))
    if evaluation.is_success:
        parts += [*said, *_bounds(evaluation)]
    if evaluation.subsets:
        parts.append(_subsets(evaluation.subsets))
    if samples:
        parts.append(result_table(samples))
    if evaluation.is_finished:
        parts.append(Text(_spent(evaluation)))
    if evaluation.summary:
        parts += takeaways(evaluation.summary)
    return Group(*parts)


def fetch_samples(client: Stratix, evaluation: Evaluation) -> list[Result]:
    """Fetch a few results of an evaluation to show.

    Raises:
        APIError: the server could not be asked.
    """
    if not evaluation.outcomes:
        return []
    page = client.results.get(evaluation=evaluation, page_size=500)
    return pick_samples(page.results if page else [])


def pick_samples(results: Sequence[Result], each: int = SAMPLES) -> list[Result]:
    """Pick a few right and a few other results, of as many subsets and outcomes as there are.

    Args:
        results: to pick from, in order.
        each: how many of either kind.
    """
    right = [result for result in results if result.outcome == Outcome.CORRECT]
    other = [result for result in results if result.outcome != Outcome.CORRECT]
    return _spread(right, each) + _spread(other, each)


def _spread(results: Sequence[Result], count: int) -> list[Result]:
    """Take the first results of each subset and outcome in turn."""
    ranks: dict[tuple[str, str | None], int] = {}
    ranked = []
    for index, result in enumerate(results):
        kind = (result.subset, result.outcome)
        ranks[kind] = ranks.get(kind, -1) + 1
        ranked.append((ranks[kind], index))
    return [results[index] for _, index in sorted(ranked)[:count]]


def outcome_counts(outcomes: Mapping[str, int], always: Sequence[str] = ()) -> Text:
    """Return how many answers ended in which outcome, on one line.

    Args:
        outcomes: counts by outcome.
        always: outcomes that are named also when there are none.
    """
    names = [name for name in Outcome if name in always or outcomes.get(name)]
    strange = [name for name in outcomes if name not in {outcome.value for outcome in Outcome}]
    counts = [
        Text(
            f"{outcomes.get(name, 0):,} {_words(name)}",
            _STYLES.get(name, "yellow") if outcomes.get(name) else "dim",
        )
        for name in names
    ]
    counts += [Text(f"{outcomes[name]:,} {_words(name)}") for name in strange]
    return Text(" · ").join(counts)


def result_table(results: Sequence[Result]) -> Table:
    """Return a table of results, a line or two each."""
    subsets = any(result.subset for result in results)
    table = make_table(
        "outcome", *(["subset"] if subsets else []), "prompt", "answer", "truth", whole=["outcome"]
    )
    for result in results:
        # What could not be asked or judged has a reason in place of an answer.
        answer = Text(plain(result.error, 2 * _CELL), "red") if result.error else plain(result.result, _CELL)
        table.add_row(
            outcome_text(result.outcome),
            *([plain(result.subset, 24)] if subsets else []),
            plain(result.prompt, _CELL),
            answer,
            plain(result.truth, _CELL),
        )
    return table


def outcome_text(outcome: str | None) -> Text:
    """Return an outcome in its colour."""
    known = outcome in _STYLES
    return Text(_words(outcome or "?"), _STYLES[Outcome(outcome)] if known and outcome else "yellow")


def status_text(status: EvaluationStatus) -> Text:
    """Return a status in its colour."""
    return Text(status.value, _STATUS_STYLES.get(status, "bold"))


def percent(share: float) -> str:
    """Return a share of 0.0 to 1.0 as a percentage."""
    return f"{share:.1%}"


def _words(outcome: str) -> str:
    return plain(outcome.replace("_", " "), 40)


def _headline(evaluation: Evaluation) -> Text:
    model = evaluation.model_name or evaluation.model_key or evaluation.model_id
    benchmark = evaluation.benchmark_name or evaluation.benchmark_key or evaluation.benchmark_id
    line = Text.assemble((plain(model, 80), "bold"), " on ", (plain(benchmark, 80), "bold"), ": ")
    return line.append_text(status_text(evaluation.status)).append(f"   {plain(evaluation.id)}", "dim")


def _accuracy(evaluation: Evaluation) -> Text:
    line = Text.assemble("accuracy ", (percent(evaluation.accuracy), "bold"))
    if evaluation.accuracy_interval:
        low, high = evaluation.accuracy_interval
        line.append(f"   95% interval {percent(low)} to {percent(high)}")
    progress = evaluation.progress
    if progress and progress.done < progress.total:
        line.append(
            f"   over {progress.done:,} of {progress.total:,} answers; the missing ones count as wrong"
        )
    elif progress:
        line.append(f"   over {progress.total:,} answers")
    return line


def _epochs(evaluation: Evaluation) -> list[Text]:
    """Return how the answers to one prompt became one score, where there are several."""
    if evaluation.epochs == 1:
        return []
    line = f"{plain(evaluation.epochs_reducer)} of {evaluation.epochs} answers to each prompt"
    if evaluation.standard_error is not None:
        line += f"   standard error {evaluation.standard_error:.2%}, clustered by prompt"
    return [Text(line)]


def _measured(measured: Mapping[str, MetricMeasured]) -> list[Text]:
    """Return a line for each metric: its mean, or that there is none, and how it was measured."""
    lines = []
    for name, found in measured.items():
        mean = "not measured" if found.mean is None else f"{found.mean:.3f} over {found.count:,} answers"
        line = Text.assemble(f"{plain(name, 40)} ", (mean, "bold"))
        lines.append(line.append(f"   {plain(found.how, 300)}", "dim"))
    return lines


def _judged(evaluation: Evaluation, judged: JudgedFigures) -> str:
    """Return what the judge's grades come to, on one line."""
    grades = ", ".join(f"{_words(grade)} ({count:,}x)" for grade, count in judged.grades.items())
    text = f"graded by {plain(evaluation.judge_model_key or 'a judge', 80)}: {grades}"
    if judged.f_score is None:
        return text
    given = judged.correct_given_attempted
    attempted = f"   correct given attempted {percent(given)}" if given is not None else ""
    return f"{text}{attempted}   F-score {percent(judged.f_score)}"


def _bounds(evaluation: Evaluation) -> list[Text]:
    low, high = evaluation.accuracy_low, evaluation.accuracy_high
    if low is None or high is None or high <= low:
        return []
    text = (
        f"bounds {percent(low)} to {percent(high)}: had the answers that are not valid been wrong, or right"
    )
    return [Text(text, "dim")]


def _progress(evaluation: Evaluation) -> str:
    progress = evaluation.progress
    if progress is None or not progress.total:
        return "waiting for a worker"
    return f"{progress.done:,} of {progress.total:,} answers"


def _subsets(subsets: Sequence[SubsetScore]) -> Table:
    numbers = ("answers", "correct", "accuracy", "95% interval")
    table = make_table("subset", "", *numbers, numbers=numbers)
    for subset in subsets:
        known = subset.low is not None and subset.high is not None
        table.add_row(
            plain(subset.name, 40),
            Bar(1.0, 0.0, min(max(subset.accuracy, 0.0), 1.0), width=_BAR_WIDTH, color="cyan"),
            f"{subset.count:,}",
            f"{subset.correct:,}",
            percent(subset.accuracy),
            f"{subset.low:.1%} to {subset.high:.1%}" if known else "",
        )
    return table


def _spent(evaluation: Evaluation) -> str:
    parts = []
    if evaluation.retries:
        parts.append(f"{evaluation.retries} {'retry' if evaluation.retries == 1 else 'retries'}")
    if evaluation.tokens:
        tokens = evaluation.tokens
        reasoning = f" ({tokens.reasoning:,} of them reasoning)" if tokens.reasoning else ""
        parts.append(f"{tokens.input:,} tokens in, {tokens.output:,} out{reasoning}")
        if evaluation.judge_model_id:
            parts.append(f"the judge {tokens.judge_input:,} in, {tokens.judge_output:,} out")
    progress = evaluation.progress
    if progress and progress.per_second:
        # The time stamps are in whole seconds; the speed tells more exactly.
        seconds = progress.done / progress.per_second
        parts.append(f"{seconds:,.1f} s at {progress.per_second:,.1f} prompts/s")
    if evaluation.average_duration:
        parts.append(f"{evaluation.average_duration:,} ms an answer")
    if evaluation.cost is not None:
        parts.append(dollars(evaluation.cost))
    elif evaluation.judge_cost is not None:
        parts.append(f"{dollars(evaluation.judge_cost)} for the judge")
    return "spent: " + "; ".join(parts) if parts else ""


def more(evaluation: Evaluation) -> list[str]:
    """Return commands that go on from an evaluation."""
    stratix = command()
    if evaluation.status is EvaluationStatus.PAUSED:
        return [
            f"{stratix} evaluate resume {evaluation.id}",
            f"{stratix} evaluate cancel {evaluation.id}",
        ]
    if not evaluation.is_finished:
        return [
            f"{stratix} evaluate get {evaluation.id} --watch",
            f"{stratix} evaluate cancel {evaluation.id}",
        ]
    again = evaluation.failed_prompt_count or not evaluation.is_success
    return [
        *([f"{stratix} evaluate retry {evaluation.id}"] if again else []),
        f"{stratix} evaluate get {evaluation.id} --summary",
        f"{stratix} results show {evaluation.id} --outcome incorrect",
        f"{stratix} results export {evaluation.id} --output results.parquet",
    ]
