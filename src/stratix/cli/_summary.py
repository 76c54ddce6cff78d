"""The summary of an evaluation, for people to read."""

from __future__ import annotations

import time

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from layerlens import Stratix
from layerlens.models import Evaluation, EvaluationSummary
from stratix.cli._errors import ExitCode, Failure
from stratix.cli._output import plain, plain_lines, waiting

_PATIENCE, _POLL = 30.0, 0.5


def await_summary(client: Stratix, evaluation: Evaluation) -> Evaluation:
    """Return an evaluation with its summary, which is ready a moment after its end.

    Raises:
        Failure: it has not ended, or its summary cannot be made.
        APIError: the server could not be asked.
    """
    if not evaluation.is_finished:
        raise Failure(
            f"Evaluation {evaluation.id} has not ended: its summary comes after.", ExitCode.NOT_DONE
        )
    deadline, found = time.monotonic() + _PATIENCE, evaluation
    with waiting("Waiting for the summary"):
        while found.summary is None and found.summary_error is None and time.monotonic() < deadline:
            time.sleep(_POLL)
            found = client.evaluations.get_by_id(evaluation.id) or found
    if found.summary is None:
        reason = found.summary_error or f"It was not ready within {_PATIENCE:g} s: is a worker running?"
        raise Failure(f"Evaluation {found.id} has no summary. {reason}", ExitCode.NOT_DONE)
    return found


def takeaways(summary: EvaluationSummary) -> list[RenderableType]:
    """Return the key takeaways, a line each; none where there are none."""
    found = summary.analysis_summary.key_takeaways if summary.analysis_summary else []
    return _section("Key takeaways", found)


def summary_report(summary: EvaluationSummary) -> RenderableType:
    """Return all of a summary."""
    parts: list[RenderableType] = [Text(plain(summary.name), "bold"), Text(plain(summary.goal), "dim")]
    parts += takeaways(summary)
    if details := summary.performance_details:
        parts += _section("Strengths", details.strengths, "none beyond chance")
        parts += _section("Challenges", details.challenges, "none beyond chance")
    if errors := summary.error_analysis:
        parts += _section("Ways of failing", errors.common_failure_modes, "none in common")
        if errors.example:
            example = Text(plain_lines(errors.example))
            parts += [Text(), Text("A telling failure", "bold"), Padding(example, (0, 0, 0, 2))]
    if data := summary.dataset:
        sizes = (
            f"{data.test_size:,} of {data.total_size:,} prompts asked",
            f"{data.training_size:,} worked examples" if data.training_size else "no worked examples",
        )
        parts += _section("Benchmark", [*sizes, *data.characteristics])
    parts += _section("Metrics", [f"{metric.name}: {metric.description}" for metric in summary.metrics])
    return Group(*parts)


def _section(title: str, entries: list[str], otherwise: str = "") -> list[RenderableType]:
    lines = [_entry(entry) for entry in entries] or ([Text(f"  {otherwise}", "dim")] if otherwise else [])
    return [Text(), Text(title, "bold"), *lines] if lines else []


def _entry(entry: str) -> RenderableType:
    return Padding(Text(f"• {plain(entry)}"), (0, 0, 0, 2))
