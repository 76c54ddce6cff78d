"""Results over HTTP, of one evaluation and of two side by side."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest

from layerlens.models import Comparison, Evaluation, ResultDetail, ResultList
from stratix.evaluations import finish, start
from stratix.storage import benchmarks, evaluations, results
from stratix.storage.database import Database

PROMPTS = [
    {"input": "Capital of France?", "truth": "Paris", "subset": "capitals"},
    {"input": "Capital of Italy?", "truth": "Rome", "subset": "capitals"},
    {"input": "2 + 2 =", "truth": "4", "subset": "sums"},
    {"input": "3 + 3 =", "truth": "6", "subset": "sums"},
]


def stored(
    us: Any, evaluation_id: str, outcomes: list[str], epochs: int = 1, total: int | None = None
) -> None:
    """Store results behind the server's back, as a worker does."""

    async def work(connection: Any) -> None:
        database = Database(us.server.database_url)
        row = await evaluations.get(connection, evaluation_id)
        assert row is not None
        version = await benchmarks.latest_version(connection, row.benchmark_id)
        assert version is not None
        wanted = total or version.prompt_count * epochs
        measured = {
            "length": {"version": "1", "how": "by hand"},
            "readability": {"version": "1", "how": "not"},
        }
        settings = {"engine": "test", "metrics": measured}
        pinned = {"version_id": version.id, "total": wanted, "settings": settings}
        assert await start(connection, row, **pinned, seconds=60)
        rows = []
        for place, outcome in enumerate(outcomes):
            epoch, position = divmod(place, version.prompt_count)
            failed = outcome == "failed"
            rows.append(
                {
                    "evaluation_id": evaluation_id,
                    "epoch": epoch,
                    "position": position,
                    "outcome": outcome,
                    "score": 1.0 if outcome == "correct" else 0.0,
                    "answer": "" if failed else f"answer {place}",
                    "extracted": None if failed else str(place),
                    "explanation": "why",
                    "error": "HTTP 500 from the endpoint" if failed else None,
                    "finish_reason": None if failed else "stop",
                    "duration_ms": 1500.5 + place,
                    "attempts": 1,
                    "tokens_input": 3,
                    "tokens_output": 2,
                    "tokens_reasoning": None,
                    "provider_request_id": f"req-{place}",
                    "metrics": {"readability": None, "length": place / 8},
                    "created_at": time.time(),
                    "request": "{}",
                    "response": "{}",
                }
            )
        await results.add(connection, database, evaluation_id, rows)
        await database.close()
        row = await evaluations.get(connection, evaluation_id)
        assert row is not None
        assert await finish(connection, row) == (len(rows) == wanted)

    us.server.write(work)


def page(us: Any, evaluation_id: str, **query: Any) -> ResultList:
    return ResultList.model_validate(us.get("/results", evaluation_id=evaluation_id, **query))


def test_a_finished_evaluation_has_its_figures_and_results(us: Any) -> None:
    found = us.evaluation(dataset_id=us.benchmark(PROMPTS))
    stored(us, found["id"], ["correct", "incorrect", "correct", "failed"])
    evaluation = Evaluation.model_validate(us.get(f"/evaluations/{found['id']}"))
    assert evaluation.is_success
    assert evaluation.accuracy == 0.5
    assert evaluation.average_duration == round((1500.5 + 1501.5 + 1502.5) / 3)
    assert evaluation.failed_prompt_count == 1
    assert evaluation.outcomes == {"correct": 2, "incorrect": 1, "failed": 1}
    assert [(part.name, part.count, part.correct) for part in evaluation.subsets] == [
        ("capitals", 2, 1),
        ("sums", 2, 1),
    ]
    assert evaluation.tokens is not None
    assert (evaluation.tokens.input, evaluation.tokens.output) == (12, 8)
    assert evaluation.settings["engine"] == "test"
    assert evaluation.measured is not None
    assert {n: (m.how, m.count, m.mean) for n, m in evaluation.measured.items()} == {
        "length": ("by hand", 4, pytest.approx((0 + 1 + 2 + 3) / 8 / 4)),
        "readability": ("not", 0, None),
    }
    assert (evaluation.readability_score, evaluation.toxicity_score) == (0.0, 0.0)
    assert evaluation.accuracy_interval is not None
    assert evaluation.accuracy_interval[0] < 0.5 < evaluation.accuracy_interval[1]
    assert (evaluation.accuracy_low, evaluation.accuracy_high) == (0.5, 0.75)
    assert evaluation.finished_at > 0

    first = page(us, found["id"])
    assert first.evaluation_id == found["id"]
    assert first.metrics.total_count == 4
    assert [row.truth for row in first.results] == ["Paris", "Rome", "4", "6"]
    right, failed = first.results[0], first.results[3]
    assert (right.subset, right.prompt, right.result) == ("capitals", "Capital of France?", "answer 0")
    assert (right.score, right.metrics) == (1.0, {"readability": None, "length": 0.0})
    assert right.duration == timedelta(milliseconds=1500.5)
    assert (right.result_id, right.epoch, right.prompt_id) == (f"{found['id']}:0:0", 1, "1")
    assert (failed.outcome, failed.error) == ("failed", "HTTP 500 from the endpoint")


def test_the_duration_is_iso_8601(us: Any) -> None:
    found = us.evaluation(dataset_id=us.benchmark(PROMPTS))
    stored(us, found["id"], ["correct"])
    raw = us.get("/results", evaluation_id=found["id"])["results"][0]
    assert raw["duration"] == "PT1.500500S"


def test_pages_go_by_epoch_and_position(us: Any) -> None:
    found = us.evaluation(dataset_id=us.benchmark(PROMPTS), epochs=3)
    stored(us, found["id"], ["correct"] * 12, epochs=3)
    every = page(us, found["id"], page_size=500).results
    assert [(row.epoch, row.prompt_id) for row in every] == [
        (e, str(p)) for e in (1, 2, 3) for p in range(1, 5)
    ]
    paged = [row for number in (1, 2, 3) for row in page(us, found["id"], page=number, page_size=5).results]
    assert paged == every
    assert page(us, found["id"], page=4, page_size=5).results == []
    assert page(us, found["id"], page=1_000_000).metrics.total_count == 12


def test_a_running_evaluation_shows_what_it_has(us: Any) -> None:
    found = us.evaluation(dataset_id=us.benchmark(PROMPTS))
    assert page(us, found["id"]).results == []
    stored(us, found["id"], ["correct", "incorrect"])
    running = page(us, found["id"])
    assert [row.outcome for row in running.results] == ["correct", "incorrect"]
    assert running.metrics.total_count == 2
    assert us.get(f"/evaluations/{found['id']}")["status"] == "in-progress"


def test_inputs_that_are_no_text_become_json(us: Any) -> None:
    messages = [{"role": "user", "content": "Grüß dich"}]
    file = us.upload(json.dumps({"input": messages, "truth": "x"}).encode())
    body = {"name": "Chat", "description": "", "file": file, "input_type": "messages"}
    benchmark_id = us.post(f"{us.project}/custom-benchmarks", body)["data"]["benchmark_id"]
    found = us.evaluation(dataset_id=benchmark_id)
    stored(us, found["id"], ["correct"])
    assert json.loads(page(us, found["id"]).results[0].prompt) == messages


def test_an_unknown_evaluation_is_404_and_a_missing_id_422(us: Any) -> None:
    assert us.http.get("/results", params={"evaluation_id": "eval_none"}).status_code == 404
    assert us.http.get("/results").status_code == 422
    assert us.http.get("/results", params={"evaluation_id": "x", "page_size": 501}).status_code == 422


@pytest.fixture
def pair(us: Any) -> tuple[str, str]:
    """Two evaluations on one benchmark."""
    benchmark_id = us.benchmark(PROMPTS)
    first, second = (us.evaluation(dataset_id=benchmark_id)["id"] for _ in range(2))
    stored(us, first, ["correct", "correct", "incorrect", "failed"])
    stored(us, second, ["correct", "incorrect", "correct", "incorrect"])
    return first, second


@pytest.mark.parametrize(
    ("query", "truths"),
    [
        ({}, ["Paris", "Rome", "4", "6"]),
        ({"outcome_filter": "all", "page": 2, "page_size": 3}, ["6"]),
        ({"outcome_filter": "both_succeed"}, ["Paris"]),
        ({"outcome_filter": "both_fail"}, ["6"]),
        ({"outcome_filter": "reference_fails"}, ["4"]),
        ({"outcome_filter": "comparison_fails"}, ["Rome"]),
        ({"search": "CAPITAL"}, ["Paris", "Rome"]),
        ({"search": "answer 2"}, ["4"]),
        ({"search": "nowhere"}, []),
        ({"search": '"'}, []),
    ],
)
def test_two_evaluations_are_compared(
    us: Any, pair: tuple[str, str], query: dict[str, Any], truths: list[str]
) -> None:
    ids = {"evaluation_id_1": pair[0], "evaluation_id_2": pair[1]}
    found = Comparison.model_validate(us.get("/results/comparison", **ids, **query))
    assert [row.truth for row in found.results] == truths
    assert found.total_count == (4 if "page" in query else len(truths))
    assert (found.correct_count_1, found.total_results_1) == (2, 4)
    assert (found.correct_count_2, found.total_results_2) == (2, 4)


def test_a_compared_row_has_both_answers(us: Any, pair: tuple[str, str]) -> None:
    ids = {"evaluation_id_1": pair[0], "evaluation_id_2": pair[1]}
    rome = Comparison.model_validate(us.get("/results/comparison", **ids)).results[1]
    assert (rome.prompt, rome.truth) == ("Capital of Italy?", "Rome")
    assert (rome.result1, rome.score1, rome.result2, rome.score2) == ("answer 1", 1.0, "answer 1", 0.0)
    assert (rome.result_id_1, rome.result_id_2) == (f"{pair[0]}:0:1", f"{pair[1]}:0:1")


def test_a_bad_comparison_is_named(us: Any, pair: tuple[str, str]) -> None:
    ids = {"evaluation_id_1": pair[0], "evaluation_id_2": pair[1]}
    bad = us.http.get("/results/comparison", params={**ids, "outcome_filter": "some"})
    assert bad.status_code == 422
    assert bad.json()["error"]["message"].startswith("outcome_filter")
    assert us.http.get("/results/comparison", params={**ids, "evaluation_id_2": "x"}).status_code == 404


def test_one_result_in_full(us: Any, them: Any) -> None:
    found = us.evaluation(dataset_id=us.benchmark(PROMPTS))
    stored(us, found["id"], ["correct", "failed"])
    address = f"/results/{found['id']}:0:1"
    result = ResultDetail.model_validate(us.get(address))
    assert (result.evaluation_id, result.result_id) == (found["id"], f"{found['id']}:0:1")
    assert (result.truth, result.outcome, result.attempts) == ("Rome", "failed", 1)
    assert (result.request, result.response, result.provider_request_id) == ("{}", "{}", "req-1")
    assert them.http.get(address).status_code == 404
    for wrong in (":0:2", ":1:0", ":0:-1", ":0:99999999999999999999", ":0", ":0:1:0", ":0:\u0661", ""):
        answer = us.http.get(f"/results/{found['id']}{wrong}")
        assert answer.status_code == 404, wrong
        assert "no result" in answer.json()["error"]["message"]


@pytest.mark.parametrize("threshold", [-0.1, 1.1, "much"])
def test_a_bad_threshold_is_refused(us: Any, threshold: Any) -> None:
    item = {"model_id": us.model(), "dataset_id": us.benchmark(), "invalid_threshold": threshold}
    answer = us.http.post(f"{us.project}/evaluations", json=[item])
    assert answer.status_code == 422
    assert "[0].invalid_threshold" in answer.json()["error"]["message"]
