"""The charts of a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from layerlens.models import Distribution, Evaluation, EvaluationFigures, LengthBin, SubsetScore
from stratix.charts import evaluation as charts
from stratix.charts.comparison import Interval
from stratix.charts.theme import PAPER, Spec

T = TypeVar("T")

MOST_SUBSETS = 40
"""Subsets that a chart shows; of more it is those at both ends."""


def of_evaluation(evaluation: Evaluation, figures: EvaluationFigures) -> list[Spec]:
    """Return the charts of an evaluation, those it has the data for."""
    made = []
    if evaluation.subsets:
        made.append(_subsets(evaluation.subsets))
    if evaluation.outcomes:
        made.append(_outcomes(evaluation, figures))
    if figures.latency_ms is not None:
        made.append(_latency(figures.latency_ms))
    if figures.by_prompt_length:
        made.append(_length(figures.by_prompt_length, "Score against prompt length", "prompts"))
    if figures.by_answer_length:
        made.append(_length(figures.by_answer_length, "Score against answer length", "answers"))
    return made


def _subsets(scores: Sequence[SubsetScore]) -> Spec:
    ranked = sorted(scores, key=lambda one: -one.accuracy)
    rows = [
        Interval(
            one.name,
            one.accuracy,
            one.accuracy if one.low is None else one.low,
            one.accuracy if one.high is None else one.high,
        )
        for one in _ends(ranked)
    ]
    title = "Accuracy by subset"
    if len(rows) < len(scores):
        title += f": the best and the worst of {len(scores)}"
    return charts.subsets(rows, title, theme=PAPER)


def _outcomes(evaluation: Evaluation, figures: EvaluationFigures) -> Spec:
    rows = [charts.Ended("all", evaluation.outcomes)]
    by_subset = figures.outcomes_by_subset
    if len(by_subset) <= MOST_SUBSETS:
        rows += [charts.Ended(one.name, one.outcomes) for one in by_subset]
    return charts.outcomes(rows, theme=PAPER)


def _latency(found: Distribution) -> Spec:
    bins = [charts.Bin(one.low, one.high, one.count) for one in found.bins]
    return charts.latency(bins, {"median": found.p50, "90%": found.p90, "99%": found.p99}, theme=PAPER)


def _length(parts: Sequence[LengthBin], title: str, of: str) -> Spec:
    stretches = [
        charts.Stretch(one.low, one.high, one.count, one.accuracy, one.accuracy_low, one.accuracy_high)
        for one in parts
    ]
    return charts.length(stretches, title, of, theme=PAPER)


def _ends(ranked: Sequence[T]) -> Sequence[T]:
    if len(ranked) <= MOST_SUBSETS:
        return ranked
    half = MOST_SUBSETS // 2
    return [*ranked[:half], *ranked[-half:]]
