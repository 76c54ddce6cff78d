"""Kappa, against the papers that brought it and another implementation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.inter_rater import fleiss_kappa as their_fleiss

from stratix.analysis.agreement import cohen_kappa, cohen_kappa_table, fleiss_kappa

# J. Cohen, Educational and Psychological Measurement 20 (1960), 37-46, table 1, of 200 cases.
DIAGNOSES = [[88, 10, 2], [14, 40, 6], [18, 10, 12]]

# J. L. Fleiss, Psychological Bulletin 76 (1971), 378-382, table 1: six raters, 30 patients, five diagnoses.
PATIENTS = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
LABELS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=60)


def test_cohen_1960() -> None:
    found = cohen_kappa_table(DIAGNOSES)
    assert (found.observed, found.expected) == pytest.approx((0.70, 0.41))
    assert found.kappa == pytest.approx(0.492, abs=5e-4)
    theirs = cohens_kappa(np.array(DIAGNOSES))
    assert found.standard_error == pytest.approx(theirs.std_kappa)
    assert (found.lower, found.upper) == pytest.approx((theirs.kappa_low, theirs.kappa_upp), abs=0.01)


def test_fleiss_1971() -> None:
    ratings = np.array([[int(count) for count in row] for row in PATIENTS.split()])
    assert ratings.sum(axis=0) / 180 == pytest.approx([0.144, 0.144, 0.167, 0.306, 0.239], abs=5e-4)
    found = fleiss_kappa(ratings)
    assert found.kappa == pytest.approx(0.430, abs=5e-4)
    assert found.observed == pytest.approx(0.556, abs=5e-4)
    assert found.expected == pytest.approx(0.220, abs=5e-4)
    assert found.count == 30


@settings(deadline=None, max_examples=60)
@given(LABELS)
def test_cohen_agrees_with_statsmodels(pairs: list[tuple[str, str]]) -> None:
    first, second = zip(*pairs, strict=True)
    found = cohen_kappa(first, second)
    if found.kappa is None:
        assert len({*first, *second}) == 1
        return
    names = sorted({*first, *second})
    table = np.array([[pairs.count((one, two)) for two in names] for one in names])
    with np.errstate(all="ignore"):  # It goes on to a test that divides by 0.
        theirs = cohens_kappa(table)
    assert found.kappa == pytest.approx(theirs.kappa)
    assert found.standard_error == pytest.approx(max(0, theirs.var_kappa) ** 0.5, abs=1e-7)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 2), min_size=4, max_size=4), min_size=2, max_size=25))
def test_fleiss_agrees_with_statsmodels(labels: list[list[int]]) -> None:
    ratings = np.array([[row.count(label) for label in range(3)] for row in labels])
    found = fleiss_kappa(ratings)
    if found.kappa is None:
        assert len({label for row in labels for label in row}) == 1
        return
    assert found.kappa == pytest.approx(their_fleiss(ratings))
    assert found.lower is not None
    assert found.upper is not None
    assert found.lower <= found.kappa + 1e-12
    assert found.kappa - 1e-12 <= found.upper <= 1 + 1e-12


@given(LABELS)
def test_raters_and_labels_may_change_places(pairs: list[tuple[str, str]]) -> None:
    first, second = zip(*pairs, strict=True)
    found, turned = cohen_kappa(first, second), cohen_kappa(second[::-1], first[::-1])
    if found.kappa is None:
        assert turned.kappa is None
        return
    assert (turned.kappa, turned.lower, turned.upper) == pytest.approx(
        (found.kappa, found.lower, found.upper)
    )
    assert found.lower is not None
    assert found.lower <= found.kappa


def test_perfect_agreement_of_few_is_not_certain() -> None:
    found = cohen_kappa("aabbb", "aabbb")
    assert (found.kappa, found.upper) == pytest.approx((1.0, 1.0))
    assert found.lower is not None
    assert found.lower < 0.5


def test_one_label_alone_has_no_kappa() -> None:
    assert cohen_kappa("aaa", "aaa").kappa is None
    found = fleiss_kappa([[3, 0], [3, 0]])
    assert (found.kappa, found.lower, found.observed) == (None, None, 1.0)


def test_one_thing_has_no_interval() -> None:
    found = fleiss_kappa([[2, 1]])
    assert found.kappa is not None
    assert (found.lower, found.upper, found.standard_error) == (None, None, None)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cohen_kappa("ab", "a"), "not 2 and 1"),
        (lambda: cohen_kappa("", ""), "at least one above"),
        (lambda: cohen_kappa_table([[1, 2]]), "a row and a column for each label"),
        (lambda: cohen_kappa_table([[1, -2], [1, 1]]), "from 0"),
        (lambda: fleiss_kappa([[2, 1], [1, 1]]), "as many raters"),
        (lambda: fleiss_kappa([[1, 0], [0, 1]]), "at least two"),
        (lambda: fleiss_kappa([1, 2]), "a row a thing"),
    ],
)
def test_bad_ratings_are_refused(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match=message):
        call()
