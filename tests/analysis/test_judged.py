"""Rates corrected for the judge's errors."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stratix.analysis.intervals import wilson
from stratix.analysis.judged import Judge, corrected_rate

KNOWN = st.integers(10, 500).flatmap(
    lambda count: st.tuples(st.just(count), st.integers(count * 3 // 4, count))
)
JUDGES = st.tuples(KNOWN, KNOWN).map(lambda both: Judge(*both[0], *both[1]))


@given(JUDGES, st.floats(0, 1))
def test_finds_the_rate_behind_the_verdicts(judge: Judge, rate: float) -> None:
    # W. J. Rogan and B. Gladen, American J. Epidemiology 107 (1978), 71-76, equation 1, the other way round.
    accepted = rate * judge.sensitivity + (1 - rate) * (1 - judge.specificity)
    found = corrected_rate(round(accepted * 1_000_000), 1_000_000, judge)
    assert found.rate == pytest.approx(rate, abs=1e-5)
    assert found.raw == pytest.approx(accepted, abs=1e-6)


@given(st.integers(20, 1_000).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count))))
def test_a_judge_who_never_errs_leaves_the_rate_alone(counts: tuple[int, int]) -> None:
    sure = Judge(10**9, 10**9, 10**9, 10**9)
    found = corrected_rate(*counts, sure)
    assert found.raw == counts[0] / counts[1]
    assert found.rate == pytest.approx(found.raw, abs=1e-12)
    # What is left is Agresti and Coull's interval, which is Wilson's or a little wider.
    lower, upper = wilson(*counts)
    assert found.lower <= lower + 1e-6
    assert found.upper >= upper - 1e-6
    assert found.upper - found.lower < (upper - lower) * 1.3 + 1e-6


@given(JUDGES, st.integers(1, 400).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count))))
def test_turns_with_right_and_wrong(judge: Judge, counts: tuple[int, int]) -> None:
    assume(judge.sensitivity + judge.specificity > 1)
    accepted, count = counts
    found = corrected_rate(accepted, count, judge)
    assert 0 <= found.lower <= found.upper <= 1
    other = Judge(judge.wrong, judge.wrong_rejected, judge.right, judge.right_accepted)
    turned = corrected_rate(count - accepted, count, other)
    assert (1 - turned.upper, 1 - turned.rate, 1 - turned.lower) == pytest.approx(
        (found.lower, found.rate, found.upper), abs=1e-9
    )


def test_a_judge_known_by_little_widens() -> None:
    little, much = (corrected_rate(60, 100, Judge(n, n * 9 // 10, n, n * 8 // 10)) for n in (30, 3_000))
    assert little.rate == much.rate == pytest.approx((0.6 + 0.8 - 1) / 0.7)
    assert little.upper - little.lower > 1.3 * (much.upper - much.lower)
    raw = wilson(60, 100)
    assert much.upper - much.lower > raw[1] - raw[0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: corrected_rate(5, 4, Judge(9, 9, 9, 9)), "from 0 to all"),
        (lambda: corrected_rate(0, 0, Judge(9, 9, 9, 9)), "there must be an answer"),
        (lambda: corrected_rate(1, 4, Judge(10, 5, 10, 5)), "no better than chance"),
        (lambda: Judge(9, 10, 9, 9), "more answers than there are"),
        (lambda: Judge(0, 0, 9, 9), "at least one right and one wrong"),
    ],
)
def test_bad_counts_are_refused(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match=message):
        call()
