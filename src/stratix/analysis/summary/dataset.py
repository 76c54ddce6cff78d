"""The benchmark in figures: its true sizes, and what its prompts are like."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import Any

from stratix.analysis.summary.facts import Facts
from stratix.analysis.summary.kinds import KINDS
from stratix.analysis.summary.wording import count, listing, percent, quote

_NAMED_SUBSETS = 6


def dataset(facts: Facts) -> dict[str, Any]:
    """Return the summary's `dataset`."""
    about = facts.about
    return {
        "total_size": about.size,
        "training_size": about.worked_examples,
        "test_size": len(facts.prompts),
        "characteristics": [*about.characteristics, *_characteristics(facts)],
    }


def _characteristics(facts: Facts) -> list[str]:
    about, prompts = facts.about, list(facts.prompts.values())
    found = []
    if about.language:
        found.append(f"language of the prompts: {about.language}")
    if not prompts:
        return found
    lengths = [prompt.length for prompt in prompts]
    found.append(f"prompts of {_range(lengths)}")
    kinds = Counter(prompt.kind for prompt in prompts)
    shares = [f"{KINDS[kind]} ({percent(number / len(prompts))})" for kind, number in kinds.most_common(4)]
    found.append(f"expected answers: {listing(shares)}")
    truths = [prompt.truth_length for prompt in prompts if prompt.truth_length]
    if truths and max(truths) > 1:
        found.append(f"expected answers of {_range(truths)}")
    if subsets := Counter(prompt.subset for prompt in prompts if prompt.subset):
        found.append(_subsets(subsets, about.subsets))
    if about.epochs > 1:
        found.append(f"each prompt asked {about.epochs} times")
    if about.worked_examples:
        found.append(f"{count(about.worked_examples, 'worked example')} before the questions")
    return found


def _range(lengths: list[int]) -> str:
    low, high, middle = min(lengths), max(lengths), median(lengths)
    if low == high:
        return count(low, "character")
    return f"{low:,} to {high:,} characters, {middle:,.0f} in the median"


def _subsets(asked: Counter[str], all_: int) -> str:
    number = f"{len(asked)} of {all_} subsets" if all_ > len(asked) else count(len(asked), "subset")
    if len(asked) > _NAMED_SUBSETS:
        low, high = min(asked.values()), max(asked.values())
        return (
            f"{number} of {low:,} prompts each" if low == high else f"{number} of {low:,} to {high:,} prompts"
        )
    return f"{number}: {listing([f'{quote(name, 60)} ({size:,})' for name, size in asked.items()])}"
