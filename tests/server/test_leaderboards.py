"""Leaderboards over HTTP; places and their intervals are worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from tests.server.test_comparisons import second_version
from tests.support.stored import evaluated

from layerlens.models import LeaderboardReport

TEN = [{"input": f"{n} + 1 =", "truth": str(n + 1)} for n in range(10)]


def board(us: Any, *benchmarks: str, **query: Any) -> LeaderboardReport:
    scope = {"organization_id": us.organization_id, "project_id": us.project_id}
    found = us.get("/leaderboards", benchmarks=",".join(benchmarks), **{**scope, **query})
    return LeaderboardReport.model_validate(found)


@pytest.fixture
def ten(us: Any) -> str:
    return str(us.benchmark(TEN))


def test_models_are_ranked_with_the_places_they_may_hold(us: Any, ten: str) -> None:
    best, worst, middle = (us.model(name=name) for name in ("Best", "Worst", "Middle"))
    evaluated(us, ten, "----------", model_id=best)  # An earlier one, which does not count.
    shown = evaluated(us, ten, "++++++++++", model_id=best)
    evaluated(us, ten, "-------xxx", model_id=worst)
    evaluated(us, ten, "+++++-----", model_id=middle)
    (found,) = board(us, ten).leaderboards
    assert (found.prompt_count, found.is_full, found.ranked_by) == (10, True, "prompts")
    # Ten prompts of ten tell the ends apart. Five of ten, with one added each way, are 5 / 12 with a standard
    # error of 0.193: t = 2.16 with 11 degrees of freedom, p = 0.054.
    places = [(entry.model_name, entry.place, entry.best, entry.worst) for entry in found.entries]
    assert places == [("Best", 1, 1, 2), ("Middle", 2, 1, 3), ("Worst", 3, 2, 3)]
    first, *_, last = found.entries
    assert (first.evaluation_id, first.accuracy) == (shown, 1.0)
    assert first.accuracy_interval is not None
    assert first.accuracy_interval[0] == pytest.approx(0.7225, abs=1e-4)  # Wilson of ten of ten.
    assert last.invalid_share == pytest.approx(0.3)
    assert found.others == []


def test_limited_runs_and_other_versions_stand_apart(us: Any, ten: str) -> None:
    full, limited = us.model(name="Full"), us.model(name="Limited")
    old = evaluated(us, ten, "+++++++++-", model_id=full)
    evaluated(us, ten, "++++", model_id=limited, limit=4)
    (found,) = board(us, ten).leaderboards
    assert [entry.evaluation_id for entry in found.entries] == [old]
    assert [(run.prompt_count, run.is_full, run.models) for run in found.others] == [(4, False, 1)]
    (four,) = board(us, ten, limit=4).leaderboards
    assert [entry.model_name for entry in four.entries] == ["Limited"]
    assert (four.is_full, four.prompt_count, four.others[0].is_full) == (False, 4, True)
    rows = [{"prompt_id": str(n), "input": f"{n}", "truth": "x"} for n in range(2)]
    version = second_version(us, ten, rows)
    new = evaluated(us, ten, "+-", model_id=limited, version_id=version)
    (newest,) = board(us, ten).leaderboards
    assert [entry.evaluation_id for entry in newest.entries] == [new]
    assert newest.benchmark_version == "second"
    assert {(run.prompt_count, run.is_full) for run in newest.others} == {(10, True), (4, False)}


def test_a_matrix_leaves_missing_cells_missing(us: Any, ten: str) -> None:
    other = us.benchmark(TEN[:4], name="Other")
    everywhere, somewhere, well = (us.model(name=name) for name in ("Everywhere", "Somewhere", "Well"))
    evaluated(us, ten, "+++++-----", model_id=everywhere)
    evaluated(us, other, "+---", model_id=everywhere)
    evaluated(us, ten, "++++++++++", model_id=somewhere)
    evaluated(us, ten, "++++++----", model_id=well)
    evaluated(us, other, "++--", model_id=well)
    found = board(us, ten, other)
    assert [(row.model_name, row.accuracies, row.mean) for row in found.matrix] == [
        ("Well", {ten: 0.6, other: 0.5}, pytest.approx(0.55)),
        ("Everywhere", {ten: 0.5, other: 0.25}, pytest.approx(0.375)),
        ("Somewhere", {ten: 1.0}, None),
    ]


def test_nobody_sees_what_others_evaluated(us: Any, them: Any, ten: str) -> None:
    evaluated(us, ten, "++++++++++")
    assert board(us, ten, organization_id=None, project_id=None).leaderboards[0].entries == []
    foreign = {"organization_id": them.organization_id, "project_id": them.project_id}
    for query in ({"benchmarks": ten}, {"benchmarks": ten, **foreign}):
        assert them.http.get("/leaderboards", params=query).status_code == 404
    ours = {"organization_id": us.organization_id}
    assert them.http.get("/leaderboards", params={"benchmarks": ten, **ours}).status_code == 404
    public = us.get("/datasets", page_size=1)["datasets"][0]["id"]
    evaluated(us, ten, "++++++++++", model_id=us.model())
    assert board(them, public).leaderboards[0].entries == []


def test_a_board_without_evaluations_is_empty(us: Any, ten: str) -> None:
    evaluated(us, ten, "+", total=10)  # cancelled
    (found,) = board(us, ten).leaderboards
    assert (found.entries, found.others, found.benchmark_version) == ([], [], None)
    assert board(us, ten).matrix == []


def test_bad_questions_are_refused(us: Any) -> None:
    for query in ({}, {"benchmarks": ""}, {"benchmarks": "b", "limit": 0}):
        assert us.http.get("/leaderboards", params=query).status_code == 422
    assert us.http.get("/leaderboards", params={"benchmarks": "bench_none"}).status_code == 404


def test_every_benchmark_with_a_success_is_offered_by_its_models(us: Any, them: Any, ten: str) -> None:
    other = us.benchmark(TEN[:4], name="another")
    twice, once, cut_off = (us.model(name=name) for name in ("Twice", "Once", "Cut off"))
    for benchmark, marks, model in (
        *((ten, "++++++++++", twice), (ten, "----------", twice), (ten, "++++++++++", once)),
        (other, "++++", once),
    ):
        evaluated(us, benchmark, marks, model_id=model)
    evaluated(us, other, "++", model_id=cut_off, total=4)  # It ends as cancelled.
    evaluated(us, us.benchmark(TEN[:4], name="never ended"), "++", total=4)
    scope = {"organization_id": us.organization_id, "project_id": us.project_id}
    found = us.get("/leaderboards/benchmarks", **scope)["benchmarks"]
    assert [(one["benchmark_id"], one["models"]) for one in found] == [(ten, 2), (other, 1)]
    assert found[1]["benchmark_name"] == "another"
    assert us.get("/leaderboards/benchmarks", organization_id=us.organization_id)["benchmarks"] == found
    public = us.get("/leaderboards/benchmarks")["benchmarks"]
    assert not {ten, other} & {one["benchmark_id"] for one in public}
    assert them.http.get("/leaderboards/benchmarks", params=scope).status_code == 404
