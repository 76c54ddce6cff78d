"""Sizes of evaluations: known figures, simulation, and the way back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import zt_ind_solve_power

from stratix.analysis.power import (
    Design,
    Means,
    PairedRates,
    RateAgainst,
    UnpairedRates,
    detectable_difference,
    prompts_needed,
)

DESIGNS = st.one_of(
    st.builds(PairedRates, st.floats(0.01, 1)),
    st.builds(UnpairedRates, st.floats(0, 1)),
    st.builds(RateAgainst, st.floats(0, 1)),
    st.builds(Means, st.floats(0.01, 10)),
)


def test_two_rates() -> None:
    # The usual size for 80% against 75% at 80% power.
    assert prompts_needed(0.05, UnpairedRates(0.8)) == 1_094


def test_means_agree_with_statsmodels() -> None:
    theirs = zt_ind_solve_power(effect_size=0.03 / 0.4, alpha=0.01, power=0.9, ratio=0)
    assert prompts_needed(0.03, Means(0.4), power=0.9, alpha=0.01) == int(np.ceil(theirs))


def test_a_bar_at_one_half() -> None:
    # Of the true rate's variance 0.24: (1.96 * 0.5 + 0.8416 * sqrt(0.24)) ** 2 / 0.01.
    assert prompts_needed(0.1, RateAgainst(0.5)) == 194


@pytest.mark.parametrize("gain", [0.04, 0.08])
def test_paired_rates_are_seen_as_often_as_asked(gain: float) -> None:
    rng = np.random.default_rng(1)
    prompts = prompts_needed(gain, PairedRates(0.15), power=0.9)
    counts = rng.multinomial(prompts, ((0.15 + gain) / 2, (0.15 - gain) / 2, 0.85), 20_000)
    z = (counts[:, 0] - counts[:, 1]) / np.sqrt(counts[:, 0] + counts[:, 1])
    # The approximation asks for a few prompts too many, the more the larger the difference is.
    assert np.mean(np.abs(z) > 1.96) == pytest.approx(0.91, abs=0.012)


@given(DESIGNS, st.integers(20, 100_000), st.floats(0.6, 0.95))
def test_there_and_back(design: Design, prompts: int, power: float) -> None:
    difference = detectable_difference(prompts, design, power=power)
    if difference is None:
        assert prompts_needed(design.largest, design, power=power) > prompts
        return
    assert 0 < difference <= design.largest
    assert prompts_needed(difference, design, power=power) <= prompts
    assert prompts_needed(difference * 0.9, design, power=power) >= prompts


@given(DESIGNS, st.floats(0.02, 0.5))
def test_half_the_difference_needs_more_prompts_and_more_power_too(design: Design, part: float) -> None:
    difference = part * min(1.0, design.largest)
    needed = prompts_needed(difference, design)
    assert prompts_needed(difference / 2, design) >= needed
    assert prompts_needed(difference, design, power=0.95) >= needed
    assert prompts_needed(-difference, design) == needed


def test_few_prompts_may_show_nothing() -> None:
    assert detectable_difference(3, PairedRates(0.1)) is None
    assert detectable_difference(3, Means(1)) == pytest.approx(2.8016 / 3**0.5, abs=1e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: prompts_needed(0, Means(1)), "above 0"),
        (lambda: prompts_needed(0.3, PairedRates(0.2)), "at most 0.2, not 0.3"),
        (lambda: prompts_needed(0.1, Means(1), power=0.3), "power from 0.5"),
        (lambda: detectable_difference(0, Means(1)), "at least 1 prompt"),
        (lambda: PairedRates(0), "above 0 and at most 1"),
        (lambda: UnpairedRates(80), "from 0 to 1"),
        (lambda: RateAgainst(-1), "from 0 to 1"),
        (lambda: Means(0), "above 0"),
    ],
)
def test_what_cannot_be_planned_is_refused(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match=message):
        call()
