"""Histograms of values over powers of ten, and scores by length."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratix.analysis.distribution import binned, by_length
from stratix.analysis.intervals import wilson

VALUES = st.lists(st.floats(0, 1e7, allow_subnormal=False), min_size=1, max_size=300)
COUNTS = st.lists(st.integers(0, 100_000), min_size=1, max_size=300)


@given(VALUES)
def test_every_value_is_in_one_bin(values: list[float]) -> None:
    found = binned(values)
    assert sum(found.counts) == found.count == len(values)
    assert found.edges == sorted(set(found.edges))
    assert found.edges[0] == found.minimum
    assert found.edges[-1] >= found.maximum
    assert len(found.edges) == len(found.counts) + 1 <= 25


@given(COUNTS)
def test_whole_numbers_have_whole_edges(values: list[int]) -> None:
    found = binned(values, whole=True)
    assert all(edge == round(edge) for edge in found.edges)
    assert sum(found.counts) == len(values)


def test_bins_grow_by_the_same_factor() -> None:
    found = binned(np.geomspace(1, 1000, 1000), bins=3)
    assert found.edges == pytest.approx([1, 10, 100, 1000])
    assert found.counts == pytest.approx([333, 333, 334], abs=1)
    assert found.percentiles[50] == pytest.approx(1000**0.5, rel=0.01)


def test_what_cannot_be_binned_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0"):
        binned([-1.0, 2.0])
    with pytest.raises(ValueError, match="at least one"):
        binned([])


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 1)), max_size=400), st.integers(1, 12))
def test_parts_hold_every_score_once_and_follow_each_other(pairs: list[tuple[int, int]], parts: int) -> None:
    lengths, scores = [length for length, _ in pairs], [score for _, score in pairs]
    found = by_length(lengths, scores, parts=parts)
    assert sum(part.count for part in found) == len(pairs)
    assert len(found) <= parts
    assert all(one.high < two.low for one, two in pairwise(found))
    for part in found:
        inside = [score for length, score in pairs if part.low <= length <= part.high]
        assert part.count == len(inside)
        assert part.mean == pytest.approx(sum(inside) / len(inside))
        assert (part.lower, part.upper) == pytest.approx(wilson(sum(inside), len(inside)))


def test_what_is_equally_long_stays_together() -> None:
    found = by_length([5] * 90 + [7] * 10, [1.0] * 100)
    assert [(part.low, part.high, part.count) for part in found] in ([(5, 5, 90), (7, 7, 10)], [(5, 7, 100)])


def test_scores_of_one_group_are_worth_one() -> None:
    scores = [1.0, 0.0] * 20
    alone = by_length([1] * 40, scores)[0]
    groups = np.repeat(np.arange(10), 4)
    assert by_length([1] * 40, np.repeat([1.0, 0.0] * 5, 4), groups)[0].lower < alone.lower


def test_lengths_and_scores_go_together() -> None:
    with pytest.raises(ValueError, match="as many"):
        by_length([1, 2], [1.0])
