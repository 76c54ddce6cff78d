"""No cap is ever passed, by the endpoint's own count; raised, it lets the evaluation go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest
from tests.spending.world import MAX_TOKENS, READ, WRITTEN, answer
from tests.support.provider import Reply
from tests.support.workers import wait_until

from layerlens import ConflictError, NotFoundError, UnprocessableEntityError
from layerlens.models import EvaluationStatus

MOST = 500  # What a prompt of these tests is reserved at the most, in tokens.


def prompts_of(world, evaluation):
    return [result.prompt for result in world.client.results.get_all(evaluation=evaluation)]


def drained(world, evaluation, before):
    """Return what a paused evaluation has cost, once as many answers are stored as the endpoint has given."""
    wait_until(lambda: len(prompts_of(world, evaluation)) == world.calls(before))
    return sum(result.cost or 0 for result in world.client.results.get_all(evaluation=evaluation))


def settled(world, owner):
    """Return a budget once the workers have given back what they do not need."""
    deadline = time.monotonic() + 30
    while (budget := world.client.budgets.get_by_id(owner)).reserved_tokens:
        assert time.monotonic() < deadline, budget
        time.sleep(0.05)
    return budget


def test_a_cap_in_tokens_is_never_passed_and_pays_no_prompt_twice(world):
    before, cap = world.calls(), 14_000
    found = world.run(world.model(), world.benchmark(600), budget_tokens=cap)
    assert found.status is EvaluationStatus.PAUSED
    assert "budget of the evaluation" in found.status_description
    assert cap - MOST <= world.tokens(before) <= cap
    assert world.provider.most_in_flight > 8
    drained(world, found, before)
    budget = world.client.evaluations.get_budget(found)
    assert budget.spent_tokens == world.tokens(before)
    assert budget.assumed_calls == 0
    updated = world.client.evaluations.set_budget(found, tokens=40_000)
    assert updated.resumed == [found.id]
    done = world.client.evaluations.wait_for_completion(found, timeout_seconds=60)
    assert done.status is EvaluationStatus.SUCCESS, done.status_description
    assert done.outcomes == {"correct": 600}
    assert world.calls(before) == 600
    assert len(set(prompts_of(world, done))) == 600
    budget = settled(world, found)
    assert (budget.spent_tokens, budget.reserved_tokens) == (600 * (READ + WRITTEN), 0)


def test_a_cap_in_dollars_is_never_passed(world):
    before = world.calls()
    found = world.run(world.model(), world.benchmark(400), budget_usd=0.02)
    assert found.status is EvaluationStatus.PAUSED
    assert 0.02 - 0.002 <= world.usd(before) <= 0.02
    spent = drained(world, found, before)
    assert spent == pytest.approx(world.usd(before))
    assert world.client.evaluations.get_budget(found).spent_usd == pytest.approx(spent)
    world.client.evaluations.cancel(found)


@pytest.mark.parametrize("owner", ["project", "key"])
def test_two_evaluations_share_the_cap_of_a_project_and_of_a_key(world, owner):
    world.client.budgets.set(owner, tokens=10_000, reset=True)
    before, model = world.calls(), world.model()
    benchmarks = [world.benchmark(300), world.benchmark(300)]
    made = [world.client.evaluations.create(model, benchmark) for benchmark in benchmarks]
    found = [world.rest(one) for one in made]
    assert [one.status for one in found] == [EvaluationStatus.PAUSED] * 2
    name = {"project": "project", "key": "API key"}[owner]
    assert all(f"budget of the {name}" in one.status_description for one in found)
    assert 10_000 - 2 * MOST <= world.tokens(before) <= 10_000
    updated = world.client.budgets.set(owner, tokens=100_000)
    assert sorted(updated.resumed) == sorted(one.id for one in found)
    for one in found:
        done = world.client.evaluations.wait_for_completion(one, timeout_seconds=60)
        assert done.outcomes == {"correct": 300}
    assert world.calls(before) == 600
    listed = {budget.kind: budget for budget in world.client.budgets.get()}
    assert settled(world, listed[owner].owner_id).spent_tokens == 600 * (READ + WRITTEN)


def test_the_judge_spends_from_the_same_budget(world):
    def script(asked, times):
        reply = answer(asked, times)
        return Reply("CORRECT\nVerdict: 5\nGrade: 5", usage=reply.usage) if "rubric" in asked else reply

    world.provider.script = script
    before, cap = world.calls(), 25_000
    judged = world.benchmark(60, scorer={"name": "rubric"})
    found = world.run(world.model(), judged, judge=world.model(), budget_tokens=cap)
    assert found.status is EvaluationStatus.PAUSED, found.status_description
    assert world.tokens(before) <= cap
    answers = sum(
        "rubric" not in request["messages"][-1]["content"] for request in world.provider.requests[before:]
    )
    wait_until(lambda: len(prompts_of(world, found)) >= answers)  # What was paid for is judged and kept.
    results = world.client.results.get_all(evaluation=found)
    assert len(results) == answers
    assert all(result.outcome != "scorer_error" for result in results)
    world.client.evaluations.cancel(found)


def test_what_nobody_reports_counts_at_the_most(world):
    def script(asked, times):
        body = {"choices": [{"index": 0, "message": {"content": asked}, "finish_reason": "stop"}]}
        return Reply(body=json.dumps(body).encode(), delay=0.01)

    world.provider.script = script
    before, cap = world.calls(), 10_000
    found = world.run(world.model(), world.benchmark(100), budget_tokens=cap)
    assert found.status is EvaluationStatus.PAUSED
    drained(world, found, before)
    budget = world.client.evaluations.get_budget(found)
    assert world.calls(before) == budget.assumed_calls
    assert cap - MOST <= budget.spent_tokens <= cap
    assert budget.spent_tokens >= world.calls(before) * (256 + MAX_TOKENS)
    assert "the endpoint did not say" in found.status_description
    world.client.evaluations.cancel(found)


def test_calls_that_broke_off_count_and_refused_ones_do_not(world):
    def script(asked, times):
        number = int(asked.split("-")[-1])
        if times == 1 and number % 2:
            return Reply(drop=True) if number % 4 == 1 else Reply("busy", status=500)
        return answer(asked, times)

    world.provider.script = script
    found = world.run(world.model(), world.benchmark(20), budget_tokens=10**6)
    assert found.outcomes == {"correct": 20}
    budget = settled(world, found)
    assert budget.assumed_calls == 5
    assert budget.spent_tokens >= 20 * (READ + WRITTEN) + 5 * (256 + MAX_TOKENS)
    assert budget.spent_tokens <= 20 * (READ + WRITTEN) + 5 * MOST


def test_an_endpoint_that_is_down_spends_nothing(world):
    down = world.model(api_url="http://127.0.0.1:9/v1/chat/completions")
    found = world.run(down, world.benchmark(5), budget_tokens=1000)
    assert found.status is EvaluationStatus.FAILURE
    assert settled(world, found).spent_tokens == 0


def test_a_dollar_cap_needs_prices(world):
    unpriced = world.model(cost_per_input_token=None, cost_per_output_token=None)
    benchmark = world.benchmark(3)
    with pytest.raises(UnprocessableEntityError, match="budget_tokens instead"):
        world.client.evaluations.create(unpriced, benchmark, budget_usd=1)
    world.client.budgets.set("project", usd=1)
    with pytest.raises(UnprocessableEntityError, match="no price"):
        world.client.evaluations.create(unpriced, benchmark)
    world.client.budgets.remove("project")
    world.client.models.update_custom(unpriced, cost_per_input_token=0, cost_per_output_token=0.0)
    assert world.run(unpriced, benchmark, budget_usd=0.01).outcomes == {"correct": 3}


def test_a_cap_set_while_it_runs_stops_it(world):
    world.provider.script = lambda asked, times: Reply(**{**vars(answer(asked, times)), "delay": 0.3})
    before = world.calls()
    made = world.client.evaluations.create(world.model(), world.benchmark(1000))
    while world.calls(before) < 60:
        time.sleep(0.02)
    updated = world.client.evaluations.set_budget(made, tokens=1)
    assert updated.budget.tokens == 1
    found = world.rest(made)
    assert found.status is EvaluationStatus.PAUSED
    assert world.calls(before) < 1000
    world.client.evaluations.cancel(found)
    with pytest.raises(ConflictError, match="ended"):
        world.client.evaluations.set_budget(found, tokens=10**6)


def test_a_cap_set_while_it_runs_counts_what_was_on_its_way(world):
    world.provider.script = lambda asked, times: Reply(**{**vars(answer(asked, times)), "delay": 0.1})
    before, cap = world.calls(), 400 * (READ + WRITTEN)
    made = world.client.evaluations.create(world.model(), world.benchmark(600), concurrency=16)
    while world.calls(before) < 32:
        time.sleep(0.02)
    world.client.evaluations.set_budget(made, tokens=cap)
    found = world.rest(made)
    assert found.status is EvaluationStatus.PAUSED
    drained(world, found, before)
    assert settled(world, found.id).spent_tokens == world.tokens(before)
    assert cap - MOST <= world.tokens(before) <= cap
    lowered = world.client.evaluations.set_budget(found, tokens=cap // 2)
    assert (lowered.budget.tokens, lowered.resumed) == (cap // 2, [])
    world.client.budgets.remove(found.id)  # It goes on, under no cap; what it spends is known all the same.
    while world.calls(before) < 500:
        time.sleep(0.02)
    world.client.evaluations.set_budget(made, tokens=10**6)
    done = world.client.evaluations.wait_for_completion(made, timeout_seconds=60)
    assert done.outcomes == {"correct": 600}
    assert world.calls(before) == 600
    assert settled(world, made.id).spent_tokens == world.tokens(before)


def test_bad_budgets_are_refused(world):
    with pytest.raises(NotFoundError):
        world.client.budgets.set("eval_nobody", usd=1)
    assert world.client.budgets.get_by_id("eval_nobody") is None
    with pytest.raises(ValueError, match="Nothing to change"):
        world.client.budgets.set("project")
    with pytest.raises(ValueError, match="usd"):
        world.client.budgets.set("project", usd=-1)
    with pytest.raises(ValueError, match="budget_usd"):
        world.client.evaluations.create(world.model(), world.benchmark(1), budget_usd=0)


def test_a_worker_that_is_killed_passes_no_cap(world):
    world.provider.script = lambda asked, times: Reply(**{**vars(answer(asked, times)), "delay": 0.1})
    before, cap = world.calls(), 60_000
    made = world.client.evaluations.create(world.model(), world.benchmark(1500), budget_tokens=cap)
    while world.calls(before) < 150:
        time.sleep(0.01)
    parent = str(world.platform.process.pid)
    found = subprocess.run(("pgrep", "-P", parent, "-f", "stratix.worker"), capture_output=True, text=True)
    os.kill(int(found.stdout.split()[0]), signal.SIGKILL)
    killed_at = quiet_since = time.monotonic()
    begun = seen = world.calls(before)
    # Its slices are taken over, and spend what nobody holds; what it held comes back to nobody.
    while time.monotonic() - quiet_since < 2 or seen < begun + 100:
        assert time.monotonic() - killed_at < 40, world.platform.log()
        if world.calls(before) != seen:
            quiet_since, seen = time.monotonic(), world.calls(before)
        time.sleep(0.05)
    assert world.tokens(before) <= cap
    world.client.evaluations.set_budget(made, tokens=10**6)
    done = world.client.evaluations.wait_for_completion(made, timeout_seconds=60)
    assert done.outcomes == {"correct": 1500}, done.status_description
    spent = world.client.evaluations.get_budget(done)
    assert world.calls(before) <= 1500 + 200  # Those on their way and not yet stored at the kill.
    assert spent.spent_tokens + spent.reserved_tokens >= 1500 * (READ + WRITTEN)
