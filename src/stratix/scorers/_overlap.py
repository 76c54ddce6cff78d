"""How much two bags or sequences of tokens share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Literal

Measure = Literal["f1", "precision", "recall"]


def shared(ours: Sequence[Hashable], gold: Sequence[Hashable]) -> int:
    """Return how many tokens two sequences share, each as often as both have it, in any order."""
    return (Counter(ours) & Counter(gold)).total()


def common(ours: Sequence[Hashable], gold: Sequence[Hashable]) -> int:
    """Return the length of the longest common subsequence of two sequences.

    Source: H. Hyyrö, "Bit-parallel LCS-length computation revisited", AWOCA 2004.
    """
    places: dict[Hashable, int] = {}
    for position, token in enumerate(gold):
        places[token] = places.get(token, 0) | 1 << position
    everywhere = (1 << len(gold)) - 1
    row = everywhere
    for token in ours:
        hits = row & places.get(token, 0)
        row = (row + hits | row - hits) & everywhere
    return len(gold) - row.bit_count()


def share(hits: int, ours: int, gold: int, measure: Measure = "f1") -> float:
    """Return precision, recall or their harmonic mean, 0.0 to 1.0; 1.0 if both sides are empty.

    Args:
        hits: tokens that both sides have.
        ours: tokens of the answer.
        gold: tokens of the truth.
        measure: which of the three.
    """
    if not ours or not gold:
        return float(ours == gold)
    return {"f1": 2 * hits / (ours + gold), "precision": hits / ours, "recall": hits / gold}[measure]
