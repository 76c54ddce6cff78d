"""Strengths and challenges in words, each with its numbers."""

from __future__ import annotations

from stratix.analysis.summary.facts import Facts
from stratix.analysis.summary.slices import Slice, Slices
from stratix.analysis.summary.wording import count, percent, points, significance


def measure(facts: Facts) -> str:
    """Return what the mean score of a slice is called."""
    return facts.about.metric if facts.about.reducer == "mean" else "mean score"


def strengths(facts: Facts, slices: Slices) -> list[str]:
    """Return a sentence for each slice the model is better at."""
    return [_sentence(facts, slices, found) for found in slices.found if found.difference > 0]


def challenges(facts: Facts, slices: Slices) -> list[str]:
    """Return a sentence for each slice the model is worse at."""
    return [_sentence(facts, slices, found) for found in slices.found if found.difference < 0]


def _sentence(facts: Facts, slices: Slices, found: Slice) -> str:
    low, high = found.interval
    above = "above" if found.difference > 0 else "below"
    text = (
        f"On {found.name} the {measure(facts)} is {percent(found.accuracy)} over "
        f"{count(found.prompts, 'prompt')} (95% interval {percent(low)} to {percent(high)}), "
        f"{points(found.difference)} {above} the {percent(found.rest)} of the other {found.others:,} "
        f"({significance(found.p_value)}, corrected for {count(slices.tested, 'slice')} tested)"
    )
    if found.difference < 0 and found.cut_off:
        misses = count(found.misses, "miss", "misses")
        text += f"; {found.cut_off:,} of its {misses} were cut off by the token limit"
    return f"{text}."
