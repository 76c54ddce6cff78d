from __future__ import annotations

import pytest

from stratix.analysis.attempts import Attempts, attempts


def test_the_figures_are_what_a_pencil_says():
    # 40 of 100 right, 60 attempted: the harmonic mean of 2/5 and 2/3 is 1/2.
    assert attempts(40, 20, 40, 100) == Attempts(0.4, 40 / 60, 0.5)
    # Ten more that got no grade are asked but not attempted: of 4/11 and 2/3 it is 8/17.
    assert attempts(40, 20, 40, 110).f_score == pytest.approx(8 / 17)


@pytest.mark.parametrize(("grades", "f_score"), [((5, 0, 0), 1.0), ((0, 5, 0), 0.0), ((0, 0, 5), 0.0)])
def test_ends(grades, f_score):
    assert attempts(*grades, 5).f_score == f_score


def test_who_never_tries_has_no_share_of_attempts():
    assert attempts(0, 0, 5, 5).correct_given_attempted is None


@pytest.mark.parametrize(("grades", "total"), [((1, 1, 1), 2), ((0, 0, 0), 0)])
def test_more_grades_than_questions_are_refused(grades, total):
    with pytest.raises(ValueError, match="a question for each grade"):
        attempts(*grades, total)
