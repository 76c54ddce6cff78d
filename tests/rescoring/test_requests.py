"""Asking for a scoring: what is refused and why, whose it is, and asking twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from tests.rescoring.conftest import answered, ended, on, rescore, working

from stratix.storage import evaluations

ROWS = [("s", "Rome", "It is Rome", "incorrect"), ("s", "Oslo", "Oslo", "correct")]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"scorer": {"name": "exakt"}}, "scorer: there is no scorer 'exakt'; there are: bbh"),
        ({"scorer": {"name": "exact", "options": {"colour": 1}}}, "no option 'colour'"),
        ({"scorer": {"name": "regex", "options": {"pattern": "("}}}, "not a regular expression"),
        ({"scorer": {"name": "rubric"}}, "'rubric' has a model grade the answers"),
        ({"subset_scorers": {"t": {"name": "exact"}}}, "no subset t; it has: s"),
        ({"subset_scorers": {"s": {"name": "nothing"}}}, "subset_scorers.s: there is no scorer"),
        ({"scorers": {"name": "exact"}}, "scorers"),
        ({"scorer": {"options": {}}}, "scorer.name"),
    ],
)
def test_a_scorer_that_cannot_judge_is_refused_with_the_reason(us: Any, body: Any, says: str) -> None:
    evaluation = answered(us, ROWS)
    answer = us.http.post(f"/evaluations/{evaluation}/rescore", json=body)
    assert answer.status_code == 422
    assert says in answer.json()["error"]["message"]
    assert us.get(f"/evaluations/{evaluation}/scorings")["total_count"] == 0


def test_what_a_model_graded_wants_another_scorer(us: Any) -> None:
    evaluation = answered(us, ROWS, judged_scorer="rubric", judge_model_id="a-judge")
    answer = us.http.post(f"/evaluations/{evaluation}/rescore")
    assert answer.status_code == 422
    assert "a model graded these answers" in answer.json()["error"]["message"]
    with working(us.server):
        assert rescore(us, evaluation, scorer={"name": "includes"})["accuracy"] == 1.0


def test_an_evaluation_without_a_judge_is_scored_as_it_was(us: Any) -> None:
    evaluation = answered(us, ROWS, judged_scorer="rubric")
    with working(us.server):
        assert rescore(us, evaluation)["scorer"]["name"] == "exact"


@pytest.mark.parametrize(
    ("rows", "changed", "says"),
    [
        (ROWS, {"status": "in-progress"}, "is in-progress: score it again once it has ended"),
        ([("", "a", "", "failed")], {"status": "failure"}, "no whole answer"),
    ],
)
def test_an_evaluation_that_cannot_be_scored_says_why(us: Any, rows: Any, changed: Any, says: str) -> None:
    evaluation = answered(us, rows, **changed)
    answer = us.http.post(f"/evaluations/{evaluation}/rescore")
    assert answer.status_code == 409
    assert says in answer.json()["error"]["message"]


def test_until_a_worker_has_ended_it_nothing_is_shown(us: Any) -> None:
    evaluation = answered(us, ROWS)
    asked = us.post(f"/evaluations/{evaluation}/rescore", {"scorer": {"name": "includes"}})
    assert (asked["status"], asked["progress"]["done"], asked["progress"]["total"]) == ("pending", 0, 2)
    assert (asked["accuracy"], asked["changed"], asked["transitions"]) == (None, None, None)
    path = f"/evaluations/{evaluation}/scorings/{asked['id']}"
    assert us.get(path, wait=0.2) == asked
    answer = us.http.get(f"{path}/changes")
    assert answer.status_code == 409
    assert "pending" in answer.json()["error"]["message"]
    with working(us.server):
        assert ended(us, asked)["accuracy"] == 1.0


def test_what_is_anothers_is_not_there(us: Any, them: Any) -> None:
    evaluation = answered(them, ROWS)
    with working(us.server):
        scoring = rescore(them, evaluation)["id"]
    calls = [
        us.http.post(f"/evaluations/{evaluation}/rescore"),
        us.http.get(f"/evaluations/{evaluation}/scorings"),
        us.http.get(f"/evaluations/{evaluation}/scorings/{scoring}"),
        us.http.get(f"/evaluations/{evaluation}/scorings/{scoring}/changes"),
    ]
    own = answered(us, ROWS)
    calls.append(us.http.get(f"/evaluations/{own}/scorings/{scoring}"))
    calls.append(us.http.get(f"/evaluations/{own}/scorings/{scoring}/changes"))
    assert [call.status_code for call in calls] == [404] * 6


def test_a_public_evaluation_is_for_reading(us: Any, them: Any) -> None:
    evaluation = answered(them, ROWS, is_public=True)
    with working(us.server):
        scoring = rescore(them, evaluation, scorer={"name": "includes"})
    assert us.get(f"/evaluations/{evaluation}/scorings")["scorings"] == [scoring]
    assert us.get(f"/evaluations/{evaluation}/scorings/{scoring['id']}/changes")["total_count"] == 1
    assert us.http.post(f"/evaluations/{evaluation}/rescore").status_code == 404


def test_a_repeat_scores_once(us: Any) -> None:
    evaluation = answered(us, ROWS)
    headers, body = {"Idempotency-Key": "again"}, {"scorer": {"name": "includes"}}

    def post(_: int) -> Any:
        return us.http.post(f"/evaluations/{evaluation}/rescore", json=body, headers=headers)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert us.get(f"/evaluations/{evaluation}/scorings")["total_count"] == 1
    other = us.http.post(f"/evaluations/{evaluation}/rescore", json={}, headers=headers)
    assert other.status_code == 409

    # The answer under the key is given even if it could not be had any more.
    async def restart(connection: Any, _: Any) -> None:
        await evaluations.move(connection, evaluation, expected=["success"], values={"status": "in-progress"})

    on(us.server, restart)
    assert post(0).json() == answers[0].json()


def test_two_at_once_do_not_mix(us: Any) -> None:
    evaluation = answered(us, [("", str(n), f"<{n}>", "incorrect") for n in range(1200)])
    bodies = [{"scorer": {"name": name}} for name in ("includes", "exact", "numeric", "includes")]
    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(partial(us.post, f"/evaluations/{evaluation}/rescore"), bodies))
    with working(us.server, "one"), working(us.server, "two"):
        found = [ended(us, scoring) for scoring in asked]
    assert [scoring["scorer"]["name"] for scoring in found] == ["includes", "exact", "numeric", "includes"]
    assert [scoring["progress"]["done"] for scoring in found] == [1200] * 4
    assert [scoring["changed"] for scoring in found] == [1200, found[1]["changed"], 1200, 1200]
    assert len({scoring["id"] for scoring in found}) == 4
