"""Pause, resume and retry over HTTP: idempotent, and clear about what is not possible."""

from __future__ import annotations

from typing import Any

import pytest
from tests.server.test_evaluations import change

from layerlens.models import Evaluation, EvaluationStatus


def step(us: Any, found: Any, name: str, body: Any = None) -> Evaluation:
    return Evaluation.model_validate(us.post(f"/evaluations/{found['id']}/{name}", body))


def refused(us: Any, found: Any, name: str, body: Any = None, status: int = 409) -> str:
    answer = us.http.post(f"/evaluations/{found['id']}/{name}", json=body)
    assert answer.status_code == status
    return str(answer.json()["error"]["message"])


def test_pause_and_resume_may_be_sent_twice(us: Any) -> None:
    found = us.evaluation()
    for _ in range(2):
        paused = step(us, found, "pause")
        assert paused.status is EvaluationStatus.PAUSED
        assert paused.status_description == "Paused on request."
        assert not paused.is_finished
        assert paused.progress is not None
        assert paused.progress.eta_seconds is None
    for _ in range(2):
        assert step(us, found, "resume").status is EvaluationStatus.PENDING
    step(us, found, "pause")
    assert step(us, found, "cancel").status is EvaluationStatus.CANCELLED


def test_the_time_it_is_paused_is_not_counted(us: Any) -> None:
    found = us.evaluation()
    change(us, found["id"], status="paused", started_at=1000.0, paused_at=1010.0, total=40, done=20)
    running = Evaluation.model_validate(us.get(f"/evaluations/{found['id']}"))
    assert running.progress is not None
    assert running.progress.per_second == pytest.approx(2.0)
    change(us, found["id"], status="success", paused_at=None, idle_seconds=90.0, finished_at=1110.0, done=40)
    ended = Evaluation.model_validate(us.get(f"/evaluations/{found['id']}"))
    assert ended.progress is not None
    assert ended.progress.per_second == pytest.approx(2.0)


def test_what_has_ended_is_neither_paused_nor_resumed(us: Any) -> None:
    found = us.evaluation()
    change(us, found["id"], status="timeout", total=4, done=2, outcomes={"correct": 2})
    for name in ("pause", "resume"):
        message = refused(us, found, name)
        assert "timeout" in message
        assert "retry" in message
    assert step(us, found, "retry").status is EvaluationStatus.PENDING


def test_a_retry_needs_an_end_and_something_to_ask(us: Any) -> None:
    found = us.evaluation()
    assert "or cancel it" in refused(us, found, "retry")
    step(us, found, "pause")
    assert "or resume it" in refused(us, found, "retry")
    change(us, found["id"], status="success", total=4, done=4, outcomes={"correct": 3, "truncated": 1})
    assert "none is failed" in refused(us, found, "retry")
    assert "outcomes" in refused(us, found, "retry", {"outcomes": []}, 422)
    assert "outcomes" in refused(us, found, "retry", {"outcomes": ["odd"]}, 422)
    again = step(us, found, "retry", {"outcomes": ["truncated"]})
    assert (again.status, again.retries, again.finished_at) == (EvaluationStatus.PENDING, 1, 0)
    assert step(us, found, "retry").retries == 1  # It runs already.


def test_nobody_else_can(us: Any, them: Any) -> None:
    found = us.evaluation()
    for name in ("pause", "resume", "cancel", "retry"):
        assert them.http.post(f"/evaluations/{found['id']}/{name}").status_code == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"epochs_reducer": "median"}, "mean, majority or pass@K"),
        ({"epochs_reducer": "pass@2"}, "at least 2 tries"),
        ({"epochs": 2, "epochs_reducer": "pass@3"}, "at least 3 tries"),
        ({"deadline_seconds": 0}, "greater than 0"),
    ],
)
def test_bad_epochs_and_deadlines_are_refused(us: Any, fields: dict[str, Any], words: str) -> None:
    items = [{"model_id": us.model(), "dataset_id": us.benchmark(), **fields}]
    answer = us.http.post(f"{us.project}/evaluations", json=items)
    assert answer.status_code == 422
    assert words in answer.json()["error"]["message"]


def test_epochs_and_deadline_are_on_the_record(us: Any) -> None:
    made = Evaluation.model_validate(us.evaluation(epochs=4, epochs_reducer="pass@2", deadline_seconds=90.5))
    assert (made.epochs, made.epochs_reducer, made.deadline_seconds) == (4, "pass@2", 90.5)
    assert made.standard_error is None
    plain = Evaluation.model_validate(us.evaluation())
    assert (plain.epochs, plain.epochs_reducer, plain.deadline_seconds) == (1, "mean", None)
