"""Scoring again: what changes, what does not, and the figures worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from tests.rescoring.conftest import answered, rescore

from layerlens.models import ChangedResult, Scoring
from stratix import scorers
from stratix.analysis.intervals import wilson
from stratix.scorers import Score, Scorer, Target
from stratix.scorers._sandbox import SandboxUnavailable

pytestmark = pytest.mark.usefixtures("worker")

# Exact is right about the first of each subset alone; `includes` about the first two.
ROWS = [
    ("capitals", "Paris", "Paris", "correct"),
    ("capitals", "Rome", "It is Rome, of course.", "incorrect"),
    ("capitals", "Madrid", "Lisbon", "incorrect"),
    ("capitals", "Lima", "The answer is Lim", "truncated"),
    ("rivers", "Nile", "Nile", "correct"),
    ("rivers", "Rhine", "I think the Rhine", "unparsed"),
    ("rivers", "Po", "I cannot say Po.", "refused"),
    ("rivers", "Don", "", "failed"),
]


class Lenient(Scorer):
    """Compares as it is, in version 1."""

    name: ClassVar[str] = "lenient"
    version: ClassVar[str] = "1"

    def score(self, answer: str, target: Target) -> Score:
        """Compare."""
        return Score.graded(float(answer == target.truth), answer, "compared as it is")


class LenientNow(Lenient):
    """Compares in any case, in version 2."""

    version: ClassVar[str] = "2"

    def score(self, answer: str, target: Target) -> Score:
        """Compare."""
        return Score.graded(float(answer.lower() == target.truth.lower()), answer, "compared in any case")


def test_every_figure_is_what_a_pencil_says(us: Any) -> None:
    evaluation = answered(us, ROWS)
    before = us.get("/results", evaluation_id=evaluation), us.get(f"/evaluations/{evaluation}")
    found = Scoring.model_validate(rescore(us, evaluation, scorer={"name": "includes"}))

    assert found.is_success
    assert (found.scorer.name, found.scorer.version) == ("includes", scorers.load("includes").version)
    assert found.outcomes == {"correct": 4, "incorrect": 1, "truncated": 1, "refused": 1, "failed": 1}
    assert found.accuracy == 4 / 8
    assert found.accuracy_interval == pytest.approx(wilson(4, 8))
    assert found.accuracy_valid == 4 / 5
    assert (found.accuracy_low, found.accuracy_high) == (4 / 8, 7 / 8)
    assert [(s.name, s.count, s.correct, s.accuracy) for s in found.subsets] == [
        ("capitals", 4, 2, 0.5),
        ("rivers", 4, 2, 0.5),
    ]
    assert (found.progress.done, found.progress.total) == (5, 5)
    assert found.changed == 2
    assert found.transitions == {"incorrect": {"correct": 1}, "unparsed": {"correct": 1}}

    path = f"/evaluations/{evaluation}/scorings/{found.id}/changes"
    changes = [ChangedResult.model_validate(row) for row in us.get(path)["changes"]]
    assert [row.result_id for row in changes] == [f"{evaluation}:0:1", f"{evaluation}:0:5"]
    assert (changes[0].prompt, changes[0].truth, changes[0].subset) == ("Question 1?", "Rome", "capitals")
    assert changes[0].result == "It is Rome, of course."
    assert (changes[0].old.outcome, changes[0].old.score, changes[0].old.explanation) == (
        "incorrect",
        0.0,
        "as it came",
    )
    assert (changes[0].new.outcome, changes[0].new.score) == ("correct", 1.0)
    assert changes[0].new.explanation
    second = us.get(path, page=2, page_size=1)
    assert second["total_count"] == 2
    assert [row["result_id"] for row in second["changes"]] == [f"{evaluation}:0:5"]

    # The evaluation and its results are what they were.
    assert before == (us.get("/results", evaluation_id=evaluation), us.get(f"/evaluations/{evaluation}"))


def test_the_same_scorer_changes_nothing(us: Any) -> None:
    evaluation = answered(us, [("", "a", "a", "correct"), ("", "b", "c", "incorrect")])
    found = rescore(us, evaluation)
    assert found["scorer"] == {"name": "exact", "options": {}, "version": scorers.load("exact").version}
    assert (found["changed"], found["transitions"], found["accuracy"]) == (0, {}, 0.5)
    path = f"/evaluations/{evaluation}/scorings/{found['id']}/changes"
    assert us.get(path) == {"changes": [], "total_count": 0}


def test_a_newer_version_of_the_scorer_is_told_from_the_older(
    us: Any, register: Callable[[type[Scorer]], None]
) -> None:
    register(Lenient)
    rows = [
        ("", "Rome", "Rome", "correct"),
        ("", "Rome", "rome", "incorrect"),
        ("", "Rome", "x", "incorrect"),
    ]
    evaluation = answered(us, rows, scorer="lenient")
    older = rescore(us, evaluation)
    register(LenientNow)
    newer = rescore(us, evaluation)
    assert (older["scorer"]["version"], older["changed"], older["accuracy"]) == ("1", 0, 1 / 3)
    assert (newer["scorer"]["version"], newer["changed"], newer["accuracy"]) == ("2", 1, 2 / 3)
    # Both are kept, the latest first.
    assert us.get(f"/evaluations/{evaluation}/scorings") == {"scorings": [newer, older], "total_count": 2}
    assert us.get(f"/evaluations/{evaluation}/scorings", page=2, page_size=1)["scorings"] == [older]


def test_options_and_scorers_of_subsets(us: Any) -> None:
    rows = [
        ("numbers", "1000", "1,000", "incorrect"),
        ("words", "Rome", "rome", "correct"),
        ("words", "Oslo", "In Oslo", "incorrect"),
    ]
    evaluation = answered(us, rows)
    found = rescore(
        us,
        evaluation,
        scorer={"name": "includes", "options": {"ignore_case": False}},
        subset_scorers={"numbers": {"name": "numeric"}},
    )
    assert found["subset_scorers"]["numbers"]["name"] == "numeric"
    assert found["transitions"] == {"correct": {"incorrect": 1}, "incorrect": {"correct": 2}}
    assert [subset["accuracy"] for subset in found["subsets"]] == [1.0, 0.5]


def test_a_change_of_the_score_alone_is_a_change(us: Any) -> None:
    evaluation = answered(us, [("", "the red cat", "the red dog", "partial")])
    found = rescore(us, evaluation, scorer={"name": "squad"})
    assert found["transitions"] == {"partial": {"partial": 1}}
    assert math.isclose(found["accuracy"], 0.5)  # `red` of two words on either side; articles do not count.


def test_what_a_scorer_raises_is_a_scorer_error(us: Any, register: Callable[[type[Scorer]], None]) -> None:
    class Broken(Lenient):
        def score(self, answer: str, target: Target) -> Score:
            if answer == "b":
                raise RuntimeError("out of order")
            return super().score(answer, target)

    register(Broken)
    rows = [("", "a", "a", "correct"), ("", "b", "b", "correct"), ("", "c", "c", "scorer_error")]
    evaluation = answered(us, rows)
    found = rescore(us, evaluation, scorer={"name": "lenient"})
    assert found["outcomes"] == {"correct": 2, "scorer_error": 1}
    assert found["transitions"] == {"correct": {"scorer_error": 1}, "scorer_error": {"correct": 1}}
    (broken, _) = us.get(f"/evaluations/{evaluation}/scorings/{found['id']}/changes")["changes"]
    assert broken["new"]["explanation"] == "RuntimeError: out of order"
    assert (found["accuracy_low"], found["accuracy_high"]) == (pytest.approx(2 / 3), 1.0)


def test_every_epoch_is_scored(us: Any) -> None:
    evaluation = answered(us, [("", "a", "an a", "incorrect"), ("", "b", "b", "correct")], epochs=3)
    found = rescore(us, evaluation, scorer={"name": "includes"})
    assert (found["changed"], found["accuracy"], found["progress"]["done"]) == (3, 1.0, 6)
    changes = us.get(f"/evaluations/{evaluation}/scorings/{found['id']}/changes")["changes"]
    assert [row["epoch"] for row in changes] == [1, 2, 3]


def test_an_evaluation_that_was_cut_short_counts_what_is_missing_as_wrong(us: Any) -> None:
    rows = [("", "a", "an a", "incorrect"), ("", "b", "b", "correct")]
    evaluation = answered(us, rows, status="cancelled", total=4)
    found = rescore(us, evaluation, scorer={"name": "includes"})
    assert (found["accuracy"], found["accuracy_high"]) == (0.5, 1.0)


def test_slow_scorers_run_side_by_side(us: Any) -> None:
    evaluation = answered(us, [("", str(n), f"({n})", "incorrect") for n in range(50)])
    found = rescore(us, evaluation, scorer={"name": "regex", "options": {"pattern": r"\((\d+)\)"}})
    assert (found["changed"], found["accuracy"]) == (50, 1.0)


def test_programs_run_in_the_sandbox(us: Any) -> None:
    tests = {"test": "assert double(2) == 4"}
    try:
        scorers.score("code", "x = 1", Target("", metadata={"test": "assert x == 1"}))
    except SandboxUnavailable:
        pytest.skip("this kernel permits no namespaces")
    rows = [
        ("", "", "def double(n):\n    return 2 * n", "incorrect"),
        ("", "", "def double(n):\n    return n", "incorrect"),
    ]
    evaluation = answered(us, rows, metadata=tests)
    found = rescore(us, evaluation, scorer={"name": "code"})
    assert found["outcomes"] == {"correct": 1, "incorrect": 1}
    assert found["transitions"] == {"incorrect": {"correct": 1}}
