"""How the model did, as figures alone: what every sentence of a summary must be found in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from stratix.analysis.clusters import clustered
from stratix.analysis.intervals import Z95, wilson
from stratix.analysis.summary.facts import VALID, Facts

WIDE = 0.05
"""Half the width of an interval above which a summary says how many prompts would narrow it."""

_AIMED = 0.03
_PERCENTILES = (50, 90, 95, 99)


def performance(facts: Facts) -> dict[str, Any]:
    """Return the figures of an evaluation; shares are 0.0 to 1.0, times are in ms, costs in US dollars."""
    figures, about = facts.figures, facts.about
    outcomes: dict[str, int] = dict(figures.get("outcomes") or {})
    done = sum(outcomes.values())
    missing = max(about.total - done, 0)
    invalid = sum(number for name, number in outcomes.items() if name not in VALID)
    found: dict[str, Any] = {
        "metric": about.metric,
        "accuracy": figures["accuracy"],
        **_interval(facts),
        "accuracy_valid": figures.get("accuracy_valid"),
        "accuracy_low": figures.get("accuracy_low"),
        "accuracy_high": figures.get("accuracy_high"),
        "prompts": len(facts.prompts),
        "answers": done,
        "expected_answers": about.total,
        "missing_answers": missing,
        "missing_share": missing / about.total if about.total else 0.0,
        "epochs": about.epochs,
        "outcomes": outcomes,
        "outcome_shares": {name: number / done for name, number in outcomes.items()} if done else {},
        "invalid_answers": invalid,
        "invalid_share": invalid / done if done else 0.0,
        "invalid_threshold": about.threshold,
        "latency_ms": _latency(facts.durations),
        "tokens": _tokens(facts, done),
        "cost": _cost(facts, done, outcomes.get("correct", 0)),
    }
    if missing and done:
        found["accuracy_of_answers"] = _mean_of_answers(facts)
    if about.epochs > 1:
        found["repeats"] = _repeats(facts)
    for name in ("judged", "measured"):
        if figures.get(name):
            found[name] = figures[name]
    return {**found, "precision": _precision(found, about.size)}


def _interval(facts: Facts) -> dict[str, Any]:
    """Return the interval of the accuracy; its unit is the prompt, however often each was asked."""
    about, accuracy = facts.about, facts.figures["accuracy"]
    given = facts.figures.get("accuracy_interval")
    complete = len(facts.durations) >= about.total - facts.figures.get("outcomes", {}).get("failed", 0)
    if about.epochs == 1 or about.reducer != "mean" or not complete or not facts.scored:
        interval = given or wilson(accuracy * about.total, about.total)
        return {"accuracy_interval": list(interval), "interval_method": "as in the evaluation's own figures"}
    means = [scored.score / about.epochs for scored in facts.scored.values()]
    found = clustered([min(1.0, mean) for mean in means])
    return {
        "accuracy_interval": [found.lower, found.upper],
        "interval_method": "over the means of the prompts, each asked several times",
    }


def _latency(durations: Sequence[float]) -> dict[str, Any]:
    if not durations:
        return {}
    values = np.array(durations)
    levels = np.percentile(values, _PERCENTILES)
    return {
        "mean": round(float(values.mean())),
        **{f"p{level}": round(float(value)) for level, value in zip(_PERCENTILES, levels, strict=True)},
        "max": round(float(values.max())),
    }


def _tokens(facts: Facts, done: int) -> dict[str, Any]:
    tokens: dict[str, Any] = dict(facts.figures.get("tokens") or {})
    if done and tokens.get("output"):
        tokens["output_per_answer"] = round(tokens["output"] / done, 1)
    return tokens


def _cost(facts: Facts, done: int, right: int) -> dict[str, Any]:
    total = facts.figures.get("cost")
    if total is None:
        return {"total": None}
    return {
        "total": total,
        "judge": facts.figures.get("judge_cost"),
        "per_1000_answers": 1000 * total / done if done else None,
        "per_1000_right_answers": 1000 * total / right if right else None,
    }


def _mean_of_answers(facts: Facts) -> float | None:
    answers = sum(scored.answers for scored in facts.scored.values())
    return sum(scored.score for scored in facts.scored.values()) / answers if answers else None


def _repeats(facts: Facts) -> dict[str, int]:
    """Count the prompts that were always, never and sometimes answered right."""
    asked = [scored for scored in facts.scored.values() if scored.answers > 1]
    always = sum(scored.right == scored.answers for scored in asked)
    never = sum(scored.right == 0 for scored in asked)
    return {
        "prompts": len(asked),
        "always_right": always,
        "never_right": never,
        "sometimes_right": len(asked) - always - never,
    }


def _precision(found: dict[str, Any], size: int) -> dict[str, Any]:
    """Return how sure the accuracy is, and how many prompts an interval of 3 points each way would take.

    The latter only where the benchmark has as many.
    """
    low, high = found["accuracy_interval"]
    precision: dict[str, Any] = {"half_width": (high - low) / 2}
    if precision["half_width"] > WIDE:
        share = min(max(found["accuracy"], 0.1), 0.9)
        needed = math.ceil((Z95 / _AIMED) ** 2 * share * (1 - share) / 10) * 10
        if found["prompts"] < needed <= size:
            precision |= {"aimed_half_width": _AIMED, "prompts_needed": needed}
    return precision
