"""Epochs as repeated measures: a textbook's example, simulation, and agreement with simpler figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stratix.analysis.clusters import clustered
from stratix.analysis.repeated import repeated

ROWS = st.lists(st.lists(st.sampled_from((0.0, 0.5, 1.0)), min_size=1, max_size=5), min_size=1, max_size=25)


def test_calcium_in_turnip_leaves() -> None:
    # G. W. Snedecor and W. G. Cochran, Statistical Methods, 6th edition, 1967, section 10.13; percentages of
    # dry weight, here by a quarter to lie within 0 and 1. Theirs are 0.0066 within and 0.0724 between leaves.
    leaves = [
        [3.28, 3.09, 3.03, 3.03],
        [3.52, 3.48, 3.38, 3.38],
        [2.88, 2.80, 2.81, 2.76],
        [3.34, 3.38, 3.23, 3.26],
    ]
    found = repeated([[value / 4 for value in leaf] for leaf in leaves])
    assert found.answer_variance is not None
    assert found.prompt_variance is not None
    assert 16 * found.answer_variance == pytest.approx(0.0066, abs=5e-5)
    assert 16 * found.prompt_variance == pytest.approx(0.0724, abs=5e-5)


def test_split_is_unbiased_whatever_the_epochs() -> None:
    rng, prompts, answers, left = np.random.default_rng(1), [], [], []
    for _ in range(400):
        rates = rng.beta(2, 2, 60)
        found = repeated([(rng.random(rng.integers(1, 5)) < rate).astype(float).tolist() for rate in rates])
        prompts.append(found.prompt_variance)
        answers.append(found.answer_variance)
        left.append(found.standard_error)
    # Of beta(2, 2): variance 1/20, and mean of rate * (1 - rate) 1/5.
    assert np.mean(prompts) == pytest.approx(0.05, abs=0.003)
    assert np.mean(answers) == pytest.approx(0.2, abs=0.003)
    expected = (0.05 + 0.2 * np.mean([1, 1 / 2, 1 / 3, 1 / 4])) / 60
    assert np.mean(np.square(left)) == pytest.approx(expected, rel=0.03)


def test_parts_add_up_and_foretell_other_sizes() -> None:
    rng = np.random.default_rng(2)
    rates = rng.beta(1, 1, 400)
    rows = (rng.random((400, 6)) < rates[:, None]).astype(float)
    found = repeated(rows.tolist())
    assert found.standard_error is not None
    assert found.prompt_error is not None
    assert found.answer_error is not None
    assert found.prompt_error**2 + found.answer_error**2 == pytest.approx(found.standard_error**2)
    assert found.error_at(400, 6) == pytest.approx(found.standard_error)
    foretold, seen = found.error_at(400, 1), repeated(rows[:, :1].tolist()).standard_error
    assert foretold == pytest.approx(seen, rel=0.05)
    assert found.answers == 2_400


@settings(deadline=None)
@given(ROWS, st.integers(1, 3))
def test_prompts_are_what_is_counted(rows: list[list[float]], size: int) -> None:
    groups = [place // size for place in range(len(rows))]
    found, means = repeated(rows, groups), clustered([float(np.mean(row)) for row in rows], groups)
    assert (found.mean, found.lower, found.upper) == pytest.approx((means.mean, means.lower, means.upper))
    assert found.prompts == len(rows)
    known = any(len(row) > 1 for row in rows)
    assert (found.answer_variance is not None) == known == (found.answer_error is not None)
    assert (found.error_at(10, 2) is not None) == (known and len(rows) > 1)


def test_sure_answers_leave_the_prompts_alone() -> None:
    found = repeated([[1, 1, 1], [0, 0, 0], [1, 1, 1]])
    assert found.answer_error == 0
    assert found.prompt_error == found.standard_error


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: repeated([]), "at least one prompt"),
        (lambda: repeated([[1], []]), "an answer to each"),
        (lambda: repeated([[1], [2]]), "from 0 to 1"),
        (lambda: repeated([[1], [0]], ["a"]), "as many groups"),
        (lambda: repeated([[1, 0], [0, 0]]).error_at(0, 1), "at least one prompt and one epoch"),
    ],
)
def test_bad_scores_are_refused(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match=message):
        call()
