"""What is said to a new evaluation's judge before anything is run."""

from __future__ import annotations

import pytest

from stratix import catalogue

GPT = catalogue.public_model_by_key("gpt-4o").id


def refused(us, **item) -> tuple[int, str]:
    body = {"model_id": us.model(), "is_custom_model": True, "is_custom_dataset": True, **item}
    answer = us.http.post(f"{us.project}/evaluations", json=[body])
    return answer.status_code, answer.json()["error"]["message"]


def test_a_judge_is_kept_with_the_evaluation(us):
    judged = us.benchmark(custom_scorers=["rubric"])
    judge = us.model(key="the-judge")
    found = us.evaluation(dataset_id=judged, judge_model_id=judge)
    assert (found["judge_model_id"], found["judge_model_key"]) == (judge, "the-judge")
    found = us.evaluation(dataset_id=judged, judge_model_id=GPT)
    assert (found["judge_model_id"], found["judge_model_key"]) == (GPT, "gpt-4o")
    assert (found["judged"], found["judge_cost"]) == (None, None)
    assert us.get(f"/evaluations/{found['id']}")["judge_model_key"] == "gpt-4o"


@pytest.mark.parametrize("scorer", ["rubric", "simpleqa_judge"])
def test_a_scorer_that_needs_a_judge_does_not_go_without(us, scorer):
    status, message = refused(us, dataset_id=us.benchmark(custom_scorers=[scorer]))
    assert status == 422
    assert (
        f"[0].judge_model_id: the scorer '{scorer}' has a model grade the answers: name the judge" in message
    )


def test_a_judge_with_nothing_to_do_is_refused(us):
    status, message = refused(us, dataset_id=us.benchmark(), judge_model_id=GPT)
    assert status == 422
    assert "is scored without a model" in message
    assert "ethics, hallucination" in message
    simpleqa = catalogue.public_benchmark_by_key("simpleqa").id
    assert us.evaluation(dataset_id=simpleqa, judge_model_id=GPT)["judge_model_key"] == "gpt-4o"
    assert us.evaluation(dataset_id=simpleqa)["judge_model_key"] is None


def test_metrics_of_a_judge(us):
    plain = us.benchmark()
    status, message = refused(us, dataset_id=plain, metrics=["ethics"])
    assert (status, "ethics is graded by a model: choose a judge" in message) == (422, True)
    assert us.evaluation(dataset_id=plain, metrics=["ethics"], judge_model_id=GPT)["judge_model_id"] == GPT


def test_a_judge_must_be_one_that_can_be_asked(us, them):
    judged = us.benchmark(custom_scorers=["rubric"])
    assert refused(us, dataset_id=judged, judge_model_id="nobody")[0] == 404
    assert refused(us, dataset_id=judged, judge_model_id=them.model())[0] == 404
    without_key = next(m for m in catalogue.public_models() if m.provider == "anthropic")
    status, message = refused(us, dataset_id=judged, judge_model_id=without_key.id)
    assert (status, "judge_model_id" in message, "ANTHROPIC_API_KEY" in message) == (422, True, True)
    gone = us.model()
    assert us.http.delete(f"{us.project}/custom-models/{gone}").status_code == 200
    status, message = refused(us, dataset_id=judged, judge_model_id=gone)
    assert (status, "was deleted: choose another model" in message) == (422, True)


def test_a_rubric_of_ones_own_is_an_option_of_its_scorer(us):
    scorer = {"name": "rubric", "options": {"rubric": "Is it polite?", "lowest": 0, "highest": 1}}
    judged = us.benchmark(custom_scorers=[scorer])
    assert us.evaluation(dataset_id=judged, judge_model_id=GPT)["status"] == "pending"
    wrong = {"name": "rubric", "options": {"lowest": 5, "highest": 1}}
    file = us.upload(b'{"input": "a", "truth": "b"}')
    body = {"name": "A benchmark", "description": "Ours", "file": file, "custom_scorers": [wrong]}
    answer = us.http.post(f"{us.project}/custom-benchmarks", json=body)
    assert answer.status_code == 422
    assert "highest must be above lowest" in answer.json()["error"]["message"]
