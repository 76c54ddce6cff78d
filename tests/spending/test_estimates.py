"""What an evaluation would take is said before anybody is asked."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from tests.spending.world import MAX_TOKENS, READ, WRITTEN, answer
from tests.support.platform import API_KEY

from stratix.cli.main import cli


def test_an_estimate_asks_nobody_and_bounds_what_is_spent(world):
    model, benchmark, before = world.model(), world.benchmark(30), world.calls()
    (found,) = world.client.evaluations.estimate(model, benchmark, epochs=2)
    assert world.calls(before) == 0
    assert (found.prompts, found.epochs, found.approximate) == (30, 2, False)
    assert (found.model_key, found.benchmark_key) == (model.key, benchmark.key)
    assert found.tokens_output_most == 60 * MAX_TOKENS
    assert found.tokens_output == 60 * MAX_TOKENS // 4
    assert 0 < found.tokens_input < found.tokens_input_most
    assert "bytes a token" in found.method
    assert (found.seconds, found.seconds_low, found.seconds_high) == (None, None, None)
    assert any("no evaluation of this model" in note for note in found.notes)
    assert found.cost == pytest.approx(found.tokens_input * 2e-6 + found.tokens_output * 1e-5)
    done = world.run(model, benchmark, epochs=2, budget_usd=found.cost_most)
    assert done.is_success  # At the most it takes is what is reserved at the most.
    assert done.cost < found.cost_most


def test_earlier_evaluations_are_what_it_goes_by(world):
    model, benchmark = world.model(), world.benchmark(20)
    world.run(model, benchmark)
    (found,) = world.client.evaluations.estimate(model, benchmark, limit=10, concurrency=2)
    assert found.tokens_input == 10 * READ
    assert found.tokens_output == 10 * WRITTEN
    assert "this model" in found.method
    (other,) = world.client.evaluations.estimate(world.model(), benchmark, limit=10)
    assert other.tokens_output == 10 * WRITTEN
    assert "other models" in other.method


def test_how_long_it_takes_is_what_it_took(world):
    world.provider.script = lambda asked, times: replace(answer(asked, times), delay=0.1)
    model, benchmark, other = world.model(), world.benchmark(40), world.benchmark(30)
    world.run(model, benchmark, limit=16, concurrency=4)
    for chosen, where in ((benchmark, "on this benchmark"), (other, "on other benchmarks")):
        (found,) = world.client.evaluations.estimate(model, chosen, concurrency=4)
        assert f"of this model {where}" in found.method
        done = world.run(model, chosen, concurrency=4)
        took = done.progress.done / done.progress.per_second
        assert found.seconds_low <= took <= found.seconds_high
        assert found.seconds_low < found.seconds < found.seconds_high
    world.client.models.update_custom(model, api_url=f"{world.provider.url}/elsewhere")
    (moved,) = world.client.evaluations.estimate(model, benchmark)
    assert moved.seconds is None


def test_answers_of_the_cache_say_nothing_about_time(world):
    model, benchmark = world.model(), world.benchmark(10)
    fast = world.run(world.model(), benchmark, cache=True)
    world.run(model, benchmark, cache=True)
    (before,) = world.client.evaluations.estimate(model, benchmark)
    world.run(model, benchmark, cache=True)
    (after,) = world.client.evaluations.estimate(model, benchmark)
    assert fast.is_success
    assert (after.seconds, after.seconds_high) == (before.seconds, before.seconds_high)


def test_what_an_endpoint_is_sent_a_minute_bounds_the_time(world):
    model, benchmark = world.model(requests_per_minute=600, tokens_per_minute=60_000), world.benchmark(30)
    (unknown,) = world.client.evaluations.estimate(model, benchmark)
    assert unknown.seconds is None
    assert unknown.seconds_low == pytest.approx(3.0)
    assert any("600 requests and 60,000 tokens a minute" in note for note in unknown.notes)
    world.run(model, benchmark, limit=3)
    (known,) = world.client.evaluations.estimate(model, benchmark)
    assert known.seconds >= 3.0
    tokens_count = world.model(tokens_per_minute=READ + WRITTEN)
    world.run(world.model(), benchmark)
    (slow,) = world.client.evaluations.estimate(tokens_count, benchmark)
    assert slow.seconds_low == pytest.approx(30 * 60)


def test_several_models_on_several_benchmarks_in_one_call(world):
    models = [world.model(), world.model(cost_per_input_token=None)]
    benchmarks = [world.benchmark(3), world.client.benchmarks.get_by_key("mmlu-pro")]
    found = world.client.evaluations.estimate(models, benchmarks, limit=500)
    assert [(one.model_id, one.benchmark_id) for one in found] == [
        (model.id, benchmark.id) for model in models for benchmark in benchmarks
    ]
    assert found[1].approximate
    assert found[1].prompts == 500
    assert any("not installed" in note for note in found[1].notes)
    assert found[0].cost is not None
    assert found[2].cost is None
    assert any("no price" in note for note in found[2].notes)


def test_the_judge_is_counted(world):
    model, judge = world.model(), world.model()
    judged = world.benchmark(10, scorer={"name": "rubric"})
    (with_judge,) = world.client.evaluations.estimate(model, judged, judge=judge)
    (without,) = world.client.evaluations.estimate(model, judged)
    assert with_judge.judge_tokens_input > 0
    assert with_judge.judge_tokens_output_most >= 10 * 2048
    assert with_judge.cost > without.cost
    assert any("name the judge" in note for note in without.notes)


@pytest.fixture
def stratix(world, monkeypatch):
    """Run the command line against the platform."""
    monkeypatch.setenv("LAYERLENS_STRATIX_API_KEY", API_KEY)
    monkeypatch.setenv("LAYERLENS_STRATIX_BASE_URL", f"{world.platform.address}/api/v1")
    return lambda *arguments: CliRunner().invoke(cli, arguments)


def test_the_command_line_shows_and_sets_it_all(world, stratix):
    model, benchmark, before = world.model(), world.benchmark(300), world.calls()
    run = ("evaluate", "run", "--model", model.key, "--benchmark", benchmark.key)
    shown = stratix(*run, "--dry-run", "--epochs", "2")
    assert shown.exit_code == 0, shown.stderr
    assert "300 x 2" in shown.stdout
    assert "Nothing was asked and nothing was spent." in shown.stdout
    for refused in (("--epochs", "101"), ("--reducer", "pass@2"), ("--metric", "beauty")):
        assert stratix(*run, "--dry-run", *refused).exit_code == 5
    assert "its budget of 9 tokens" in stratix(*run, "--dry-run", "--budget-tokens", "9").stdout
    assert world.calls(before) == 0
    assert json.loads(stratix(*run, "--dry-run", "--format", "json").stdout)[0]["prompts"] == 300
    made = stratix(*run, "--budget-tokens", "2000", "--cache", "--format", "json")
    evaluation = world.client.evaluations.get_by_id(json.loads(made.stdout)["id"])
    assert (evaluation.budget_tokens, evaluation.cache) == (2000, True)
    assert world.rest(evaluation).status == "paused"
    assert "2,000 tokens" in stratix("evaluate", "budget", evaluation.id).stdout
    raised = stratix("evaluate", "budget", evaluation.id, "--tokens", "100000")
    assert f"{evaluation.id} goes on" in raised.stderr
    assert world.client.evaluations.wait_for_completion(evaluation, timeout_seconds=60).is_success
    assert world.calls(before) == 300
    assert "300" in stratix("cache", "show").stdout
    assert stratix("cache", "clear", "--model", "").exit_code == 3
    cleared = stratix("cache", "clear", "--model", model.key, "--older-than", "0s")
    assert "300 answers removed" in cleared.stdout
    assert stratix("cache", "clear", "--older-than", "soon").exit_code == 2
    assert stratix("budgets", "set", "project", "--usd", "5").exit_code == 0
    assert "$5.00" in stratix("budgets", "show", "project").stdout
    assert "project" in stratix("budgets", "show").stdout
    assert stratix("budgets", "set", "project", "--none").exit_code == 0
    assert stratix("budgets", "show", "nobody").exit_code == 3
