"""Corrected p-values, against the paper's example, another implementation and each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from stratix.analysis.multiple import benjamini_hochberg, holm

P_VALUES = st.lists(st.floats(0, 1), max_size=40)

# Y. Benjamini and Y. Hochberg, J. Royal Statistical Society B 57 (1995), section 3.2.
INFARCTION = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459),
    *(0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]


def test_thrombolysis_in_myocardial_infarction() -> None:
    # The paper rejects four by its own procedure, and three where any false alarm is held to 5%.
    assert sum(p <= 0.05 for p in benjamini_hochberg(INFARCTION)) == 4
    assert sum(p <= 0.05 for p in holm(INFARCTION)) == 3
    assert benjamini_hochberg(INFARCTION)[3] == pytest.approx(0.0095 * 15 / 4)
    assert holm(INFARCTION)[3] == pytest.approx(0.0095 * 12)


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_agree_with_statsmodels(count: int) -> None:
    p_values = (np.random.default_rng(count).random(count) ** 3).round(2).tolist()
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])
    assert benjamini_hochberg(p_values) == pytest.approx(multipletests(p_values, method="fdr_bh")[1])


@given(P_VALUES)
def test_never_below_the_p_value_and_in_its_order(p_values: list[float]) -> None:
    strict, loose = holm(p_values), benjamini_hochberg(p_values)
    for place, p_value in enumerate(p_values):
        assert p_value <= loose[place] * (1 + 1e-12)
        assert loose[place] <= strict[place] * (1 + 1e-12) <= 1 + 1e-9
    for corrected in (strict, loose):
        pairs = sorted(zip(p_values, corrected, strict=True))
        assert [after for _, after in pairs] == sorted(corrected)


@pytest.mark.parametrize("correct", [holm, benjamini_hochberg])
@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_what_is_no_p_value_is_refused(correct: object, value: float) -> None:
    assert callable(correct)
    with pytest.raises(ValueError, match="from 0 to 1"):
        correct([0.5, value])
