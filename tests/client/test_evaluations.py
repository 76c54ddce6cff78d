"""Evaluations: creating, reading, and what each can do by itself."""

from __future__ import annotations

import copy
import pickle
from datetime import timedelta

import pytest

from layerlens import StratixError
from layerlens.models import (
    CustomBenchmark,
    CustomModel,
    Evaluation,
    EvaluationStatus,
    PublicBenchmark,
    PublicModel,
)

MODEL = PublicModel(id="m-1", key="gpt-4o", name="GPT-4o", description="")
BENCHMARK = PublicBenchmark(id="b-1", key="simpleqa", name="SimpleQA")


async def test_create_sends_one_item_and_returns_the_evaluation(run, server, project, evaluation):
    server.on("POST", f"{project}/evaluations", {"data": [evaluation(status="pending")]})
    created = await run(lambda c: c.evaluations.create(model=MODEL, benchmark=BENCHMARK))
    assert created.id == "eval-1"
    assert (created.status, created.is_finished) == (EvaluationStatus.PENDING, False)
    seen = server.last("POST", f"{project}/evaluations")
    assert seen.body == [
        {"model_id": "m-1", "dataset_id": "b-1", "is_custom_model": False, "is_custom_dataset": False}
    ]
    assert seen.headers["idempotency-key"]


async def test_create_says_what_is_custom_and_passes_limits_on(run, server, project, evaluation):
    server.on("POST", f"{project}/evaluations", {"data": [evaluation(status="pending")]})
    model = CustomModel(id="m-3", key="mine", name="Mine", description="", organization_id="org-1")
    benchmark = CustomBenchmark(id="b-2", key="own", name="Own", organization_id="org-1")
    await run(lambda c: c.evaluations.create(model, benchmark, limit=5, epochs=2, concurrency=3))
    assert server.last("POST", f"{project}/evaluations").body == [
        {
            "model_id": "m-3",
            "dataset_id": "b-2",
            "is_custom_model": True,
            "is_custom_dataset": True,
            "limit": 5,
            "epochs": 2,
            "concurrency": 3,
        }
    ]
    await run(lambda c: c.evaluations.create(model, benchmark, metrics=[], invalid_threshold=0.0))
    seen = server.last("POST", f"{project}/evaluations").body[0]
    assert (seen["metrics"], seen["invalid_threshold"]) == ([], 0.0)
    await run(lambda c: c.evaluations.create(model, benchmark, metrics=("readability",)))
    assert server.last("POST", f"{project}/evaluations").body[0]["metrics"] == ["readability"]
    await run(lambda c: c.evaluations.create(model, benchmark, shots=0))
    assert server.last("POST", f"{project}/evaluations").body[0]["shots"] == 0
    with pytest.raises(ValueError, match="shots: "):
        await run(lambda c: c.evaluations.create(model, benchmark, shots=-1))
    await run(lambda c: c.evaluations.create(MODEL, benchmark, judge=model))
    assert server.last("POST", f"{project}/evaluations").body[0]["judge_model_id"] == "m-3"
    with pytest.raises(ValueError, match="invalid_threshold: "):
        await run(lambda c: c.evaluations.create(model, benchmark, invalid_threshold=5))
    with pytest.raises(ValueError, match="limit: "):
        await run(lambda c: c.evaluations.create(model, benchmark, limit=0))


async def test_create_returns_none_when_the_server_made_none(run, server, project):
    server.on("POST", f"{project}/evaluations", {"data": []})
    assert await run(lambda c: c.evaluations.create(model=MODEL, benchmark=BENCHMARK)) is None


async def test_create_of_what_was_not_found_says_so(run, server):
    for model, benchmark, words in [(None, BENCHMARK, "model must be"), (MODEL, "b-1", "benchmark must be")]:
        with pytest.raises(TypeError, match=words):
            await run(lambda c, m=model, b=benchmark: c.evaluations.create(model=m, benchmark=b))
    with pytest.raises(TypeError, match="judge must be"):
        await run(lambda c: c.evaluations.create(MODEL, BENCHMARK, judge="m-1"))
    with pytest.raises(TypeError, match="was it found"):
        await run(lambda c: c.results.get(evaluation=None))
    assert server.requests == []


async def test_every_property_of_the_page_is_read(run, server, evaluation):
    summary = {
        "name": "Facts",
        "goal": "Measure facts",
        "metrics": [{"name": "accuracy", "description": "right answers"}],
        "task_types": [{"name": "qa", "description": "questions"}],
        "dataset": {"total_size": 10, "training_size": 0, "test_size": 10, "characteristics": ["short"]},
        "model": {"model_name": "GPT-4o", "performance": {"any": ["json"]}},
        "performance_details": {"strengths": ["s"], "challenges": ["c"]},
        "error_analysis": {"common_failure_modes": ["f"], "example": "e"},
        "analysis_summary": {"key_takeaways": ["k"]},
    }
    wire = evaluation(
        status_description="done",
        model_name="GPT-4o",
        model_key="gpt-4o",
        model_company="OpenAI",
        dataset_name="SimpleQA",
        readability_score=0.1,
        toxicity_score=0.2,
        ethics_score=0.3,
        measured={"readability": {"how": "by a formula", "count": 4, "mean": 0.1}},
        failed_prompt_count=2,
        queue_id=7,
        summary=summary,
        progress={"total": 10, "done": 4, "per_second": 2.0, "eta_seconds": None},
        outcomes={"correct": 3, "failed": 1},
        accuracy_interval=[0.6, 0.9],
        accuracy_valid=0.8,
        accuracy_low=0.7,
        accuracy_high=0.85,
        started_at=1.5,
        benchmark_key="simpleqa",
        prompt_count=10,
        tokens={"input": 1, "output": 2, "reasoning": 3, "judge_input": 4, "judge_output": 5},
        cost=0.25,
        judge_model_id="m-9",
        judge_model_key="gpt-4o-mini",
        judge_cost=0.05,
        judged={
            "grades": {"correct": 3, "incorrect": 1},
            "not_attempted": 0.0,
            "correct_given_attempted": 0.75,
            "f_score": 0.75,
        },
        settings={"temperature": 0},
        epochs=3,
        epochs_reducer="pass@2",
        standard_error=0.02,
        deadline_seconds=60.0,
        shots=5,
        retries=1,
        priority=-1,
        budget_usd=1.5,
        budget_tokens=1000,
        cache=True,
        summary_error="too few answers",
        shown_scoring_id="scoring-1",
        subsets=[{"name": "a", "count": 2, "correct": 1, "accuracy": 0.5, "low": 0.1, "high": 0.9}],
        something_new=True,
    )
    server.on("GET", "/evaluations/eval-1", wire)
    found = await run(lambda c: c.evaluations.get_by_id("eval-1"))
    assert found.benchmark_id == "b-1"
    assert found.benchmark_name == "SimpleQA"
    assert found.is_success
    assert found.is_finished
    del wire["something_new"]
    assert found.model_dump(mode="json", by_alias=True) == wire


async def test_required_fields_alone_suffice(run, server, evaluation):
    server.on("GET", "/evaluations/eval-1", evaluation())
    found = await run(lambda c: c.evaluations.get("eval-1"))
    assert (found.status_description, found.queue_id, found.summary, found.ethics_score) == ("", 0, None, 0.0)
    assert await run(lambda c: c.evaluations.get(found)) == found


async def test_unknown_evaluation_is_none(run, server):
    assert await run(lambda c: c.evaluations.get_by_id("eval_abc123xyz")) is None
    assert await run(lambda c: c.evaluations.wait_for_completion("eval_abc123xyz")) is None
    assert await run(lambda c: c.evaluations.cancel("eval_abc123xyz")) is None
    assert await run(lambda c: c.results.get_by_id(evaluation_id="eval_abc123xyz")) is None


async def test_many_are_asked_for_in_the_project(run, server, evaluation):
    server.on("GET", "/evaluations", {"evaluations": [evaluation("a"), evaluation("b")], "total_count": 21})
    found = await run(
        lambda c: c.evaluations.get_many(
            page=2,
            page_size=10,
            sort_by="accuracy",
            order="desc",
            model_ids=["m-1", "m-2"],
            benchmark_ids=["b-1"],
            status=EvaluationStatus.IN_PROGRESS,
            unique=True,
            search="sums",
            attention=True,
        )
    )
    assert [one.id for one in found.evaluations] == ["a", "b"]
    counts = {"page": 2, "page_size": 10, "total_pages": 3, "total_count": 21}
    assert found.pagination.model_dump() == counts
    assert server.last("GET", "/evaluations").query == {
        "organization_id": "org-1",
        "project_id": "proj-1",
        "page": "2",
        "page_size": "10",
        "sort_by": "accuracy",
        "order": "desc",
        "models": "m-1,m-2",
        "datasets": "b-1",
        "status": "in-progress",
        "unique": "true",
        "search": "sums",
        "attention": "true",
    }
    await run(lambda c: c.evaluations.get_many(status=["success", EvaluationStatus.FAILURE]))
    assert server.last("GET", "/evaluations").query["status"] == "success,failure"


async def test_many_without_arguments_leaves_the_defaults_to_the_server(run, server):
    server.on("GET", "/evaluations", {"evaluations": [], "total_count": 0})
    found = await run(lambda c: c.evaluations.get_many())
    assert found.evaluations == []
    assert found.pagination.model_dump() == {
        "page": 1,
        "page_size": 100,
        "total_pages": 0,
        "total_count": 0,
    }
    assert set(server.last("GET", "/evaluations").query) == {"organization_id", "project_id"}


@pytest.mark.parametrize("wrong", [{"page": 0}, {"page_size": 0}, {"page_size": 501}, {"status": "odd"}])
async def test_pages_out_of_range_are_refused(run, server, wrong):
    with pytest.raises(ValueError, match=r"must be|is not a valid"):
        await run(lambda c: c.evaluations.get_many(**wrong))


async def test_cancel(run, server, evaluation):
    server.on("POST", "/evaluations/eval-1/cancel", evaluation(status="cancelled"))
    cancelled = await run(lambda c: c.evaluations.cancel("eval-1"))
    assert cancelled.status is EvaluationStatus.CANCELLED


async def test_an_evaluation_waits_refreshes_and_reads_by_itself(run, server, project, evaluation, result):
    server.on("POST", f"{project}/evaluations", {"data": [evaluation(status="pending", accuracy=0)]})
    server.on("GET", "/evaluations/eval-1", evaluation(status="in-progress"), evaluation())
    metrics = {"total_count": 1}
    page = {"evaluation_id": "eval-1", "results": [result(1)], "metrics": metrics}
    server.on("GET", "/results", page)
    one = await run(lambda c: c.evaluations.create(model=MODEL, benchmark=BENCHMARK))
    assert await run(lambda c: run.method(one, "refresh")()) is one
    assert one.status is EvaluationStatus.IN_PROGRESS
    assert await run(lambda c: run.method(one, "wait_for_completion")(interval_seconds=10)) is one
    assert one.is_success
    assert one.accuracy == 0.75
    found = await run(lambda c: run.method(one, "get_results")(page=1, page_size=50))
    assert found.results[0].duration == timedelta(seconds=1.25)
    assert server.last("GET", "/results").query == {
        "evaluation_id": "eval-1",
        "page": "1",
        "page_size": "50",
    }
    assert await run(lambda c: run.method(one, "get_all_results")()) == found.results


async def test_listed_evaluations_carry_their_client_too(run, server, evaluation):
    server.on("GET", "/evaluations", {"evaluations": [evaluation("a")], "total_count": 1})
    one = (await run(lambda c: c.evaluations.get_many())).evaluations[0]
    # It is gone by now: the answer is None, and the object stays as it was.
    assert await run(lambda c: run.method(one, "refresh")()) is None
    assert one.is_success


async def test_the_other_clients_methods_say_so(run, server, evaluation):
    server.on("GET", "/evaluations/eval-1", evaluation())
    one = await run(lambda c: c.evaluations.get_by_id("eval-1"))
    for name in ("refresh", "wait_for_completion", "get_results", "get_all_results"):
        if run.is_async:
            with pytest.raises(StratixError, match=rf"await evaluation\.{name}_async\(\)"):
                getattr(one, name)()
        else:
            with pytest.raises(StratixError, match=rf"use `evaluation\.{name}\(\)`"):
                await getattr(one, f"{name}_async")()


async def test_an_evaluation_without_client_says_so(evaluation):
    with pytest.raises(StratixError, match="needs a client"):
        Evaluation.model_validate(evaluation()).get_results()


async def test_a_copied_evaluation_keeps_its_client_and_a_pickled_one_leaves_it(run, server, evaluation):
    server.on("GET", "/evaluations/eval-1", evaluation())
    one = await run(lambda c: c.evaluations.get_by_id("eval-1"))
    copied = copy.deepcopy(one)
    assert await run(lambda c: run.method(copied, "refresh")()) is copied
    sent = pickle.loads(pickle.dumps(one))
    assert sent.model_dump() == one.model_dump()
    with pytest.raises(StratixError, match="needs a client"):
        sent.refresh()
