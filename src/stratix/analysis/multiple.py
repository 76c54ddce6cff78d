"""Correction of p-values for the number of questions asked of the same data."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected so that any false alarm among them is as rare as the level says.

    Reject where the corrected one is at most the level; it holds however the tests depend on each other.

    Args:
        p_values: 0.0 to 1.0 each; may be empty.

    Returns:
        Corrected p-values in the same order, 0.0 to 1.0.

    Raises:
        ValueError: one is out of its range.

    Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian J. Statistics
    6 (1979), 65-70.
    """
    order, corrected, most = _ascending(p_values), [0.0] * len(p_values), 0.0
    for place, index in enumerate(order):
        most = max(most, min(1.0, p_values[index] * (len(order) - place)))
        corrected[index] = most
    return corrected


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected so that of all alarms the level's share is false, on average.

    It finds more than `holm` where many tests are made and some false alarms can be borne. It holds for
    tests that are independent, or depend on each other positively.

    Args:
        p_values: 0.0 to 1.0 each; may be empty.

    Returns:
        Corrected p-values in the same order, 0.0 to 1.0.

    Raises:
        ValueError: one is out of its range.

    Source: Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", J. Royal Statistical
    Society B 57 (1995), 289-300.
    """
    order, corrected, least = _ascending(p_values), [0.0] * len(p_values), 1.0
    for place in range(len(order), 0, -1):
        index = order[place - 1]
        least = min(least, p_values[index] * len(order) / place)
        corrected[index] = least
    return corrected


def _ascending(p_values: Sequence[float]) -> list[int]:
    for value in p_values:
        if not 0 <= value <= 1:
            raise ValueError(f"a p-value must be from 0 to 1, not {value}")
    return sorted(range(len(p_values)), key=lambda index: p_values[index])
