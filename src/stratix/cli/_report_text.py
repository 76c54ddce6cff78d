"""A report as Markdown, and how figures are written in any of its forms."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from layerlens.models import ComparisonReport, Evaluation, PairedDifference
from stratix.analysis.summary.wording import signed
from stratix.cli._compared import charts as compared_charts
from stratix.cli._markdown import code, escaped, fenced
from stratix.cli._report_charts import of_evaluation
from stratix.cli._report_data import ReportData, Reported, benchmark_of, model_of
from stratix.cli._spending import dollars


def share(value: float | None) -> str:
    """Return a share as percent."""
    return "" if value is None else f"{value:.1%}"


def spent(evaluation: Evaluation) -> str:
    """Return what an evaluation took, in a line."""
    parts = []
    if evaluation.started_at and evaluation.finished_at:
        parts.append(f"{max(0.0, evaluation.finished_at - evaluation.started_at):,.0f} s")
    if evaluation.tokens is not None:
        parts.append(f"{evaluation.tokens.input:,} tokens in, {evaluation.tokens.output:,} out")
    if evaluation.cost is not None:
        parts.append(dollars(evaluation.cost))
    return "; ".join(parts)


def as_markdown(data: ReportData) -> str:
    """Return a report as Markdown: figures in tables, and charts in words."""
    lines = [f"# {escaped(data.title)}", ""]
    for comparison in data.comparisons:
        lines += _comparison(comparison)
    for one in data.reported:
        lines += _evaluation(one)
    lines += [f"Written by Stratix {data.version} on {data.written:%Y-%m-%d %H:%M} UTC.", ""]
    return "\n".join(lines)


def _comparison(found: ComparisonReport) -> list[str]:
    lines = [f"## Compared: {escaped(found.benchmark_name)}", ""]
    for pair in found.pairs:
        lines += [f"- {escaped(text)}" for text in (pair.conclusion, *pair.notes)]
        lines.append("")
        rows: list[tuple[str, PairedDifference]] = [("all", pair.overall)] if pair.overall else []
        rows += [(part.name, part) for part in pair.subsets]
        cells = (
            (
                escaped(name),
                f"{one.prompts:,}",
                share(one.mean_1),
                share(one.mean_2),
                signed(one.difference),
                f"{signed(one.low)} to {signed(one.high)}",
                f"{one.p_adjusted:.3f}",
            )
            for name, one in rows
        )
        headings = ("", "prompts", "first", "second", "points", "95% interval", "p")
        lines += _table(headings, cells)
    return [*lines, *_words(spec["description"] for spec in compared_charts(found))]


def _evaluation(one: Reported) -> list[str]:
    evaluation = one.evaluation
    lines = [f"## {escaped(model_of(evaluation))} on {escaped(benchmark_of(evaluation))}", ""]
    lines += [_headline(evaluation), ""]
    if evaluation.status_description:
        lines += [escaped(evaluation.status_description), ""]
    outcomes = ((escaped(name), f"{count:,}") for name, count in evaluation.outcomes.items())
    lines += _table(("outcome", "answers"), outcomes)
    if evaluation.subsets:
        rows = (
            (
                escaped(part.name),
                f"{part.count:,}",
                share(part.accuracy),
                f"{share(part.low)} to {share(part.high)}",
            )
            for part in evaluation.subsets
        )
        lines += _table(("subset", "answers", "accuracy", "95% interval"), rows)
    lines += _words(spec["description"] for spec in of_evaluation(evaluation, one.figures))
    lines += _summary(evaluation)
    lines += ["### Method", "", f"Evaluation {code(evaluation.id)}; {escaped(spent(evaluation))}.", ""]
    lines += ["To run it again:", "", *fenced(one.command), ""]
    settings = json.dumps(evaluation.settings, indent=2, ensure_ascii=False, default=str)
    return [*lines, "Pinned to these settings:", "", *fenced(settings), ""]


def _headline(evaluation: Evaluation) -> str:
    text = f"**{share(evaluation.accuracy)}** accuracy"
    if evaluation.accuracy_interval:
        low, high = evaluation.accuracy_interval
        text += f" (95% interval {share(low)} to {share(high)})"
    answers = sum(evaluation.outcomes.values())
    return f"{text} over {answers:,} answers; {escaped(evaluation.status)}."


def _summary(evaluation: Evaluation) -> list[str]:
    summary = evaluation.summary
    if summary is None:
        return []
    parts: list[tuple[str, Sequence[str]]] = []
    if summary.analysis_summary:
        parts.append(("Key takeaways", summary.analysis_summary.key_takeaways))
    if details := summary.performance_details:
        parts += [("Strengths", details.strengths), ("Challenges", details.challenges)]
    if errors := summary.error_analysis:
        parts.append(("Ways of failing", errors.common_failure_modes))
    lines = []
    for title, entries in parts:
        if entries:
            lines += [f"### {title}", "", *(f"- {escaped(entry)}" for entry in entries), ""]
    if summary.error_analysis and summary.error_analysis.example:
        lines += ["### A telling failure", "", *fenced(summary.error_analysis.example), ""]
    return lines


def _words(descriptions: Iterable[str]) -> list[str]:
    lines = [f"- {escaped(text)}" for text in descriptions]
    return ["### The charts in words", "", *lines, ""] if lines else []


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(row)} |" for row in (headings, ["---"] * len(headings), *rows)]
    return [*lines, ""]
