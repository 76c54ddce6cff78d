"""Gates: what they say, how often they are wrong at the bar, and how many prompts they ask for."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from stratix.analysis.gate import Check, Verdict, at_least, at_most, max_drop, min_accuracy, overall
from stratix.analysis.intervals import wilson
from stratix.analysis.paired import Cells, paired_cells

SHARES = st.floats(0, 1)


def accuracy(right: int, prompts: int, bar: float) -> Check:
    return min_accuracy(right / prompts, *wilson(right, prompts), prompts, bar)


def check(verdict: Verdict) -> Check:
    return Check("x", verdict, 0.5, 0.5)


@given(st.lists(st.sampled_from(list(Verdict)), min_size=1))
def test_the_gravest_verdict_is_the_gates(verdicts: list[Verdict]) -> None:
    found = overall(map(check, verdicts))
    if Verdict.NO_GO in verdicts:
        assert found is Verdict.NO_GO
    else:
        assert found is (Verdict.UNDECIDED if Verdict.UNDECIDED in verdicts else Verdict.GO)


def test_a_gate_without_conditions_is_none() -> None:
    with pytest.raises(ValueError, match="at least one condition"):
        overall([])


@given(SHARES, SHARES, SHARES, SHARES)
def test_a_higher_bar_is_never_easier(one: float, other: float, bar: float, higher: float) -> None:
    low, high = sorted((one, other))
    bar, higher = sorted((bar, higher))
    ranks = {Verdict.NO_GO: 0, Verdict.UNDECIDED: 1, Verdict.GO: 2}
    assert ranks[at_least(low, high, higher)] <= ranks[at_least(low, high, bar)]


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.9, 0.95, "go"), (0.85, 0.95, "undecided"), (0.85, 0.9, "undecided"), (0.8, 0.899, "no-go")],
)
def test_the_bar_itself_is_good_enough(low: float, high: float, verdict: str) -> None:
    assert at_least(low, high, 0.9) == verdict


def test_what_is_no_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="must rise"):
        at_least(0.6, 0.5, 0.5)
    with pytest.raises(ValueError, match="a number"):
        at_least(0.5, 0.6, math.nan)


def test_what_is_known_exactly_is_never_undecided() -> None:
    assert at_most("max-cost", 5.0, 5.0).verdict is Verdict.GO
    assert at_most("max-cost", 5.01, 5.0).verdict is Verdict.NO_GO


@given(st.integers(1, 5000), st.data(), st.floats(0.01, 0.99))
def test_undecided_asks_for_more_prompts_and_others_for_none(
    prompts: int, data: st.DataObject, bar: float
) -> None:
    found = accuracy(data.draw(st.integers(0, prompts)), prompts, bar)
    if found.verdict is not Verdict.UNDECIDED:
        assert found.prompts_needed is None
    elif found.prompts_needed is None:
        assert abs(found.value - bar) < 1e-4
    else:
        assert found.prompts_needed > prompts


@given(st.integers(0, 400), st.integers(0, 60), st.integers(0, 60), st.integers(0, 400), SHARES)
def test_a_drop_is_judged_by_the_interval_of_the_difference(
    both: int, only_new: int, only_old: int, neither: int, most: float
) -> None:
    if not both + only_new + only_old + neither:
        return
    pair = paired_cells(Cells(both, only_new, only_old, neither))
    found = max_drop(pair.difference, pair.lower, pair.upper, pair.count, most)
    if found.verdict is Verdict.GO:
        assert pair.lower >= -most
    if found.verdict is Verdict.NO_GO:
        assert pair.upper < -most
    if found.prompts_needed is not None:
        assert found.verdict is Verdict.UNDECIDED
        assert found.prompts_needed > pair.count


@pytest.mark.parametrize("prompts", [50, 100, 200, 500, 1000, 2000])
def test_a_model_at_the_bar_is_wrongly_judged_in_few_evaluations(prompts: int) -> None:
    """All outcomes there can be, each with its chance: nothing is drawn."""
    right = np.arange(prompts + 1)
    intervals = [wilson(int(count), prompts) for count in right]
    gos, no_gos = [], []
    for bar in np.arange(0.05, 0.951, 0.01):
        verdicts = np.array([at_least(*interval, float(bar)).value for interval in intervals])
        chances = binom.pmf(right, prompts, bar)
        # The bar itself is good enough, so a go is wrong for the least bit below.
        gos.append(float(chances[verdicts == "go"].sum()))
        no_gos.append(float(chances[verdicts == "no-go"].sum()))
    for wrong in (gos, no_gos):
        assert np.mean(wrong) == pytest.approx(0.025, abs=0.005)
        assert max(wrong) <= (0.055 if prompts < 100 else 0.045)


@pytest.mark.parametrize("drop", [0.0, 0.02, 0.05])
def test_a_drop_at_the_bar_is_wrongly_judged_in_few_comparisons(drop: float) -> None:
    runs, prompts, rng = 4000, 400, np.random.default_rng(7)
    apart = rng.uniform(0.1, 0.3, runs)
    both = rng.uniform(0.3, 0.6, runs)
    chances = np.stack([both, (apart - drop) / 2, (apart + drop) / 2, 1 - both - apart], axis=1)
    drawn = rng.multinomial(prompts, chances)
    verdicts = []
    for cells in drawn:
        pair = paired_cells(Cells(*map(int, cells)))
        verdicts.append(max_drop(pair.difference, pair.lower, pair.upper, prompts, drop).verdict)
    # Three standard errors of the simulation.
    slack = 3 * math.sqrt(0.025 * 0.975 / runs)
    for wrong in (Verdict.GO, Verdict.NO_GO):
        assert verdicts.count(wrong) / runs <= 0.025 + slack, wrong


@pytest.mark.parametrize(("true", "bar"), [(0.93, 0.9), (0.87, 0.9), (0.58, 0.5)])
def test_with_the_prompts_asked_for_four_in_five_are_decided(true: float, bar: float) -> None:
    found = accuracy(round(true * 100), 100, bar)
    assert found.verdict is Verdict.UNDECIDED
    needed = found.prompts_needed
    assert needed is not None
    right = np.arange(needed + 1)
    wanted = Verdict.GO if true > bar else Verdict.NO_GO
    decided = [at_least(*wilson(int(count), needed), bar) is wanted for count in right]
    power = float(binom.pmf(right, needed, true)[decided].sum())
    # The number is on the careful side where the variance at the bar is not that of the true rate.
    assert 0.75 <= power <= 0.97


def test_of_graded_scores_the_width_of_the_interval_says_how_many() -> None:
    # Deviation 0.2: half a width of 1.96 * 0.2 / sqrt(100) = 0.0392.
    found = min_accuracy(0.82, 0.82 - 0.0392, 0.82 + 0.0392, 100, 0.8, right_or_wrong=False)
    # ((1.96 + 0.8416) * 0.2 / 0.02) ^ 2 = 784.9
    assert (found.verdict, found.prompts_needed) == (Verdict.UNDECIDED, 785)
