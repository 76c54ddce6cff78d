"""The whole summary of an evaluation, in the shape that clients read."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from stratix.analysis.summary import failures, slices, standing, takeaways, tasks
from stratix.analysis.summary.dataset import dataset
from stratix.analysis.summary.facts import Facts
from stratix.analysis.summary.performance import performance
from stratix.analysis.summary.wording import clean


def summarize(facts: Facts) -> dict[str, Any]:
    """Return the summary of an evaluation as JSON; see `layerlens.models.EvaluationSummary`.

    Args:
        facts: everything about it, all results added.
    """
    about = facts.about
    figures = performance(facts)
    differing = slices.differing(facts)
    modes = failures.modes(facts)
    figures["slices"] = slices.as_json(differing)
    figures["failure_modes"] = [mode.as_json() for mode in modes]
    summary = {
        "name": f"{about.model} on {about.benchmark}",
        "goal": tasks.goal(facts),
        "metrics": [asdict(metric) for metric in tasks.metrics(facts)],
        "task_types": [asdict(kind) for kind in tasks.task_types(facts)],
        "dataset": dataset(facts),
        "model": {"model_name": about.model, "performance": figures},
        "performance_details": {
            "strengths": standing.strengths(facts, differing),
            "challenges": standing.challenges(facts, differing),
        },
        "error_analysis": {
            "common_failure_modes": [mode.sentence for mode in modes],
            "example": failures.example(facts, modes),
        },
        "analysis_summary": {"key_takeaways": takeaways.takeaways(facts, figures, differing, modes)},
    }
    cleaned: dict[str, Any] = _clean(summary)
    return cleaned


def _clean(value: Any) -> Any:
    """Return nested data with texts that any database stores and any terminal shows."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(name): _clean(entry) for name, entry in value.items()}
    return [_clean(entry) for entry in value] if isinstance(value, list | tuple) else value
