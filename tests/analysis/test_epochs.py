"""Reducing the epochs of a prompt to one score."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratix.analysis.epochs import majority, mean, reduce

EPOCHS = st.lists(st.tuples(st.sampled_from([None, "3", "4", "5"]), st.floats(0, 1)), min_size=1, max_size=9)


def test_mean() -> None:
    assert mean([1.0, 0.0, 0.5, 0.5]) == 0.5


@pytest.mark.parametrize(
    ("answers", "value"),
    [
        (["4", "4", "5"], 1.0),
        (["5", "5", "4"], 0.0),
        (["4", "5"], 0.5),  # a tie
        (["4", "5", "3"], 1 / 3),
        (["4", "4", "5", "5", "3"], 0.5),
        (["4", None, None], 1.0),  # what could not be read has no vote
        (["5", None, None], 0.0),
        ([None, None], 0.0),
        (["4"], 1.0),
    ],
)
def test_majority_is_the_score_of_the_commonest_answer(answers: list[str | None], value: float) -> None:
    scores = [float(answer == "4") for answer in answers]
    assert majority(scores, answers) == pytest.approx(value)


def test_pass_at_k_counts_full_scores_alone() -> None:
    assert reduce("pass@1", [1.0, 0.9, 0.0, 0.0], ["a", "b", "c", "d"]) == 0.25
    assert reduce("pass@2", [1.0, 0.9, 0.0, 0.0], ["a", "b", "c", "d"]) == 0.5
    assert reduce("pass@4", [0.0, 0.0, 0.0, 1.0], [None] * 4) == 1.0


@given(EPOCHS)
def test_order_of_epochs_is_nothing(epochs: list[tuple[str | None, float]]) -> None:
    for how in ("mean", "majority", "pass@1"):
        forth, back = (
            reduce(how, [score for _, score in order], [answer for answer, _ in order])
            for order in (epochs, epochs[::-1])
        )
        assert forth == pytest.approx(back)
        assert 0.0 <= forth <= 1.0 + 1e-12


def test_one_epoch_is_its_score() -> None:
    assert {reduce(how, [1.0], ["4"]) for how in ("mean", "majority", "pass@1")} == {1.0}


@pytest.mark.parametrize("how", ["median", "pass@0", "pass@", "pass@-1", "pass@01x"])
def test_unknown_reducer_lists_the_known(how: str) -> None:
    with pytest.raises(ValueError, match=r"mean, majority or pass@K \(such as pass@10\), not by"):
        reduce(how, [1.0], ["4"])


def test_bad_epochs_are_refused() -> None:
    with pytest.raises(ValueError, match="without a result"):
        mean([])
    with pytest.raises(ValueError, match="2 scores need as many answers, not 1"):
        majority([1.0, 0.0], ["4"])
    with pytest.raises(ValueError, match="pass@3 needs at least 3 tries"):
        reduce("pass@3", [1.0, 0.0], ["4", "5"])
