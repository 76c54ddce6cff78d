"""A scoring whose verdicts the evaluation shows, and the way back; scorings that are cancelled or graded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.rescoring.conftest import answered, on, rescore, working
from tests.support.provider import Reply, ScriptedProvider

from layerlens.models import Evaluation, Scoring
from stratix.storage import evaluations, scorings

ROWS = [
    ("a", "Rome", "It is Rome", "incorrect"),
    ("a", "Oslo", "Oslo", "correct"),
    ("b", "Bern", "Paris", "incorrect"),
    ("b", "Lima", "", "empty"),
]


def apply(us: Any, evaluation_id: str, scoring_id: str) -> Evaluation:
    return Evaluation.model_validate(
        us.post(f"/evaluations/{evaluation_id}/scorings/{scoring_id}/apply", None)
    )


def rows(us: Any, evaluation_id: str) -> list[Any]:
    found = us.get("/results", evaluation_id=evaluation_id)["results"]
    names = ("outcome", "score", "extracted", "explanation", "error")
    return [tuple(row[name] for name in names) for row in found]


@pytest.mark.usefixtures("worker")
def test_a_scoring_is_shown_and_taken_back(us: Any) -> None:
    evaluation = answered(us, ROWS)
    before = rows(us, evaluation)
    includes, exact = (rescore(us, evaluation, scorer={"name": name}) for name in ("includes", "exact"))
    for _ in range(2):
        shown = apply(us, evaluation, includes["id"])
        assert shown.shown_scoring_id == includes["id"]
        assert (shown.accuracy, shown.outcomes) == (0.5, {"correct": 2, "incorrect": 1, "empty": 1})
        assert [subset.accuracy for subset in shown.subsets] == [1.0, 0.0]
    assert [row[:2] for row in rows(us, evaluation)] == [
        ("correct", 1.0), ("correct", 1.0), ("incorrect", 0.0), ("empty", 0.0)
    ]  # fmt: skip
    # The scoring tells of what the results came with, whatever they have now.
    (change,) = us.get(f"/evaluations/{evaluation}/scorings/{includes['id']}/changes")["changes"]
    assert (change["old"]["outcome"], change["new"]["outcome"]) == ("incorrect", "correct")
    assert change["old"]["explanation"] == "as it came"
    again = rescore(us, evaluation, scorer={"name": "includes"})
    assert again["transitions"] == {"incorrect": {"correct": 1}}
    # From one scoring to another, and back.
    assert apply(us, evaluation, exact["id"]).accuracy == 0.25
    assert apply(us, evaluation, includes["id"]).accuracy == 0.5
    back = apply(us, evaluation, "original")
    assert (back.shown_scoring_id, back.accuracy) == (None, 0.25)
    assert rows(us, evaluation) == before
    assert back.outcomes == {"correct": 1, "incorrect": 2, "empty": 1}


@pytest.mark.usefixtures("worker")
def test_what_could_not_be_scored_is_a_success_once_it_is(us: Any) -> None:
    evaluation = answered(us, [("", "Rome", "Rome", "scorer_error")], status="failure")
    scored = rescore(us, evaluation, scorer={"name": "includes"})
    shown = apply(us, evaluation, scored["id"])
    assert (shown.status, shown.status_description, shown.accuracy) == ("success", "", 1.0)
    assert apply(us, evaluation, "original").status == "failure"


@pytest.mark.usefixtures("worker")
def test_a_retry_goes_back_to_the_original_verdicts(us: Any) -> None:
    evaluation = answered(us, [*ROWS, ("b", "Kyiv", "", "failed")])
    scored = rescore(us, evaluation, scorer={"name": "includes"})
    apply(us, evaluation, scored["id"])
    retried = Evaluation.model_validate(us.post(f"/evaluations/{evaluation}/retry", None))
    assert retried.shown_scoring_id is None
    assert retried.outcomes == {"correct": 1, "incorrect": 2, "empty": 1}
    cancelled = Evaluation.model_validate(us.post(f"/evaluations/{evaluation}/cancel", None))
    assert cancelled.outcomes == {"correct": 1, "incorrect": 2, "empty": 1, "failed": 1}
    answer = us.http.post(f"/evaluations/{evaluation}/scorings/{scored['id']}/apply")
    assert answer.status_code == 409
    assert "retried since" in answer.json()["error"]["message"]


def test_a_scoring_that_waits_can_be_cancelled(us: Any, them: Any) -> None:
    evaluation = answered(us, ROWS)
    asked = us.post(f"/evaluations/{evaluation}/rescore", None)
    path = f"/evaluations/{evaluation}/scorings/{asked['id']}"
    assert them.http.post(f"{path}/cancel").status_code == 404
    answer = us.http.post(f"{path}/apply")
    assert answer.status_code == 409
    assert "only one in success" in answer.json()["error"]["message"]
    for _ in range(2):
        cancelled = Scoring.model_validate(us.post(f"{path}/cancel", None))
        assert cancelled.status == "cancelled"
        assert cancelled.is_finished
    with working(us.server):
        done = rescore(us, evaluation)
    answer = us.http.post(f"/evaluations/{evaluation}/scorings/{done['id']}/cancel")
    assert answer.status_code == 409
    assert us.get(path)["status"] == "cancelled"
    assert [one["status"] for one in us.get(f"/evaluations/{evaluation}/scorings")["scorings"]] == [
        "success", "cancelled"
    ]  # fmt: skip


def test_a_worker_stops_at_a_scoring_that_is_cancelled(us: Any) -> None:
    evaluation = answered(us, ROWS)

    async def work(connection: Any, _database: Any) -> tuple[bool, int]:
        found = await evaluations.get(connection, evaluation)
        assert found is not None
        row = await scorings.create(connection, found, {"name": "exact"}, {})
        taken = await scorings.claim(connection, "somebody")
        assert taken is not None
        cancelled = await scorings.cancel(connection, evaluation, row.id, "cancelled on request")
        return await scorings.begin(connection, taken, {"exact": "1"}), cancelled

    assert on(us.server, work) == (False, 1)


@pytest.fixture
def judge() -> Iterator[ScriptedProvider]:
    """A judge that grades 5 whatever says Rome, 1 whatever else, and Oslo with words that say nothing."""

    def script(asked: str, _times: int) -> Reply:
        if "Oslo" in asked:
            return Reply("I would rather not.")
        return Reply(f"A short reason.\nGRADE: {5 if 'It is Rome' in asked else 1}")

    with ScriptedProvider(script) as provider:
        yield provider


@pytest.mark.usefixtures("worker")
def test_a_judge_grades_stored_answers_and_what_it_took_is_kept(us: Any, judge: ScriptedProvider) -> None:
    evaluation = answered(us, ROWS)
    model = us.model(name="Judge", key="judge", api_url=judge.url)
    options = {"rubric": "5 for a right answer.", "lowest": 1, "highest": 5}
    scored = rescore(us, evaluation, scorer={"name": "rubric", "options": options}, judge_model_id=model)
    assert scored["status"] == "success", scored["status_description"]
    assert scored["outcomes"] == {"correct": 1, "scorer_error": 1, "incorrect": 1, "empty": 1}
    assert (scored["judge_model_id"], scored["judge_model_key"]) == (model, "judge")
    # What says nothing is asked for once more; each call reads 10 tokens and writes 2.
    assert len(judge.requests) == 4
    assert (scored["judge_tokens_input"], scored["judge_tokens_output"]) == (40, 8)
    shown = apply(us, evaluation, scored["id"])
    assert shown.judged is not None
    assert shown.judged.grades == {"1": 1, "5": 1}
    assert rows(us, evaluation)[1][4]
    assert apply(us, evaluation, "original").judged is None


def test_a_judge_is_named_where_one_is_needed_and_only_there(us: Any) -> None:
    evaluation, model = answered(us, ROWS), us.model(name="Judge", key="judge")
    rubric = {"name": "rubric", "options": {"rubric": "x"}}
    for body, status, says in (
        ({"scorer": {"name": "exact"}, "judge_model_id": model}, 422, "leave the judge out"),
        ({"scorer": rubric}, 422, "name it as judge_model_id"),
        (
            {"scorer": rubric, "judge_model_id": "odd"},
            404,
            "no model",
        ),
    ):
        answer = us.http.post(f"/evaluations/{evaluation}/rescore", json=body)
        assert answer.status_code == status, answer.text
        assert says in answer.json()["error"]["message"]
