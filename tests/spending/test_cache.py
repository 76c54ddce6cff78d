"""The cache: what is the same is asked once, and whatever differs is asked, by the endpoint's own count."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from tests.spending.world import answer
from tests.support.provider import Reply

from layerlens.models import EvaluationStatus


def results_of(world, evaluation):
    return world.client.results.get_all(evaluation=evaluation)


def test_without_asking_for_it_nothing_is_cached(world):
    model, benchmark, before = world.model(), world.benchmark(5), world.calls()
    for _ in range(2):
        assert not any(result.cached for result in results_of(world, world.run(model, benchmark)))
    assert world.calls(before) == 10
    assert model.id not in {one.model_id for one in world.client.cache.get()}


def test_an_answer_is_asked_once_and_says_where_it_comes_from(world):
    model, benchmark, before = world.model(), world.benchmark(40), world.calls()
    first = world.run(model, benchmark, cache=True)
    second = world.run(model, benchmark, cache=True)
    assert world.calls(before) == 40
    assert first.cache
    assert first.outcomes == second.outcomes == {"correct": 40}
    asked, taken = results_of(world, first), results_of(world, second)
    assert not any(result.cached for result in asked)
    assert all(result.cached and result.cost == 0 and result.attempts == 0 for result in taken)
    assert all(result.cost > 0 for result in asked)
    assert [result.duration for result in taken] == [result.duration for result in asked]
    assert [result.tokens_output for result in taken] == [result.tokens_output for result in asked]
    assert second.cost == 0
    assert world.client.results.get_one(taken[0].result_id).response


def test_a_change_of_endpoint_model_body_or_epoch_is_a_miss(world):
    texts = [f"{time.time()}-{n}" for n in range(4)]
    benchmark = world.benchmark(texts)
    model = world.model()
    before = world.calls()
    world.run(model, benchmark, cache=True, epochs=2)
    assert world.calls(before) == 8  # Repeats never collapse.
    world.run(model, benchmark, cache=True, epochs=3)
    assert world.calls(before) == 12  # The third alone.
    world.run(world.model(), benchmark, cache=True)
    assert world.calls(before) == 16  # Another model.
    world.run(model, world.benchmark(texts, generation={"max_tokens": 65}), cache=True)
    assert world.calls(before) == 20  # Another limit of tokens.
    world.run(model, world.benchmark(texts, template="Say: {input}"), cache=True)
    assert world.calls(before) == 24  # Other messages.
    world.client.models.update_custom(model, extra_payload={"seed": 7})
    world.run(model, benchmark, cache=True)
    assert world.calls(before) == 28  # Another payload.
    world.client.models.update_custom(model, extra_payload={}, api_url=f"{world.provider.url}?v=2")
    world.run(model, benchmark, cache=True)
    assert world.calls(before) == 32  # Another address.
    world.client.models.update_custom(model, api_url=world.provider.url)
    world.run(model, benchmark, cache=True)
    assert world.calls(before) == 32  # As at first.


def test_the_same_at_the_same_time_is_one_call_among_all_workers(world):
    world.provider.script = lambda asked, times: Reply(**{**vars(answer(asked, times)), "delay": 0.3})
    # 600 prompts are three slices, for two workers; each text stands in each of them.
    texts = [f"{time.time()}-{n}" for n in range(30)]
    model, benchmark, before = world.model(), world.benchmark(texts * 20), world.calls()
    made = [world.client.evaluations.create(model, benchmark, cache=True) for _ in range(2)]
    found = [world.rest(one) for one in made]
    assert [one.outcomes for one in found] == [{"correct": 600}] * 2
    assert world.calls(before) == 30
    asked = [result for one in found for result in results_of(world, one) if not result.cached]
    assert len(asked) == 30
    assert sum(result.attempts for one in found for result in results_of(world, one)) == 30


def test_failures_are_asked_again_and_cut_off_answers_are_not(world):
    def script(asked, times):
        number = int(asked.split("-")[-1])
        if number == 0 and times <= 2:
            return Reply("no", status=400 if times == 1 else 500)
        if number == 1:
            return Reply("on and on", finish_reason="length")
        return Reply("", message={"refusal": "no"}) if number == 2 else answer(asked, times)

    world.provider.script = script
    model, benchmark, before = world.model(), world.benchmark(4), world.calls()
    first = world.run(model, benchmark, cache=True)
    assert first.outcomes == {"failed": 1, "truncated": 1, "refused": 1, "correct": 1}
    assert world.calls(before) == 4
    second = world.run(model, benchmark, cache=True)
    assert second.outcomes == {"correct": 2, "truncated": 1, "refused": 1}
    assert world.calls(before) == 6  # The one that failed, which fails once more.
    cached = [result.cached for result in results_of(world, second)]
    assert cached == [False, True, True, True]


def test_hits_spend_nothing_of_a_budget(world):
    model, benchmark, before = world.model(), world.benchmark(100), world.calls()
    world.run(model, benchmark, cache=True)
    found = world.run(model, benchmark, cache=True, budget_tokens=1)
    assert found.status is EvaluationStatus.SUCCESS
    assert world.calls(before) == 100
    assert world.client.evaluations.get_budget(found).spent_tokens == 0


def test_hits_take_no_place_of_the_endpoint(world):
    model, benchmark = world.model(), world.benchmark(300)
    world.run(model, benchmark, cache=True)
    world.provider.script = lambda asked, times: Reply(**{**vars(answer(asked, times)), "delay": 30})
    blocking = world.client.evaluations.create(model, world.benchmark(500))
    deadline = time.monotonic() + 20
    while world.provider.in_flight < 8 and time.monotonic() < deadline:
        time.sleep(0.02)
    started = time.monotonic()
    assert world.run(model, benchmark, cache=True).outcomes == {"correct": 300}
    assert time.monotonic() - started < 10
    world.cancel(blocking)


def test_what_a_judge_replies_is_kept_too(world):
    def script(asked, times):
        reply = answer(asked, times)
        return Reply("Fine.\nGrade: 5", usage=reply.usage) if "rubric" in asked else reply

    world.provider.script = script
    model, judge, before = world.model(), world.model(), world.calls()
    benchmark = world.benchmark(5, scorer={"name": "rubric"})
    first = world.run(model, benchmark, judge=judge, cache=True)
    assert world.calls(before) == 10
    second = world.run(model, benchmark, judge=judge, cache=True)
    assert world.calls(before) == 10
    assert first.outcomes == second.outcomes == {"correct": 5}
    assert (second.cost, second.judge_cost) == (0, 0)
    # An answer that is there is judged within the budget, or waits for a higher one.
    third = world.run(model, benchmark, judge=world.model(), cache=True, budget_tokens=100)
    assert third.status is EvaluationStatus.PAUSED
    assert world.calls(before) == 10
    world.client.evaluations.set_budget(third, tokens=10**6)
    third = world.client.evaluations.wait_for_completion(third, timeout_seconds=30)
    assert third.outcomes == {"correct": 5}
    assert world.calls(before) == 15


def test_clearing_by_model_and_by_age(world):
    one, other, benchmark = world.model(), world.model(), world.benchmark(3)
    for model in (one, other):
        world.run(model, benchmark, cache=True)
    shown = {found.model_id: found for found in world.client.cache.get()}
    assert shown[one.id].answers == shown[other.id].answers == 3
    assert shown[one.id].model_key == one.key
    assert shown[one.id].oldest_at <= shown[one.id].newest_at <= time.time()
    assert world.client.cache.clear(one, older_than=timedelta(hours=1)) == 0
    assert world.client.cache.clear(one, older_than=0) == 3
    before = world.calls()
    world.run(other, benchmark, cache=True)
    assert world.calls(before) == 0
    world.run(one, benchmark, cache=True)
    assert world.calls(before) == 3
    assert world.client.cache.clear() >= 6
    assert world.client.cache.get() == []
    with pytest.raises(ValueError, match="older_than"):
        world.client.cache.clear(older_than=-1)
