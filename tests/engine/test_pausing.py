"""Pause, resume and retry: nothing is lost, nothing asked twice, however quickly one follows the other."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest
from tests.engine.test_crashes import workers
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens import ConflictError, Stratix
from layerlens.models import Evaluation, EvaluationStatus

AT_ONCE = 8


class Endpoint(ScriptedProvider):
    """Answers after `delay` seconds; those in `failing` with an error that is final."""

    def __init__(self) -> None:
        super().__init__(self.reply)
        self.delay = 0.05
        self.failing: set[str] = set()

    def reply(self, asked: str, _times: int) -> Reply:
        if asked in self.failing:
            return Reply("no", status=400)
        return Reply(asked, delay=self.delay)


@pytest.fixture(scope="module")
def endpoint():
    with Endpoint() as endpoint:
        yield endpoint


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def platform(request, tmp_path_factory, endpoint):
    """One for all tests here, with two workers."""
    url = ""
    if request.param == "postgres":
        postgres = request.getfixturevalue("postgres")
        url = postgres.url(postgres.create())
    variables = {"STRATIX_WORKERS": "2", "STRATIX_CONCURRENCY": str(AT_ONCE)}
    folder = tmp_path_factory.mktemp("platform")
    with Platform(folder, endpoint.base_url, url, **variables) as platform:
        yield platform


@pytest.fixture
def provider(endpoint):
    """The endpoint, with a count that begins anew."""
    until(lambda: endpoint.in_flight == 0)
    endpoint.requests.clear()
    endpoint.delay, endpoint.failing = 0.05, set()
    return endpoint


@pytest.fixture
def client(platform):
    with platform.client() as client:
        yield client


@pytest.fixture(scope="module")
def benchmarks(platform, tmp_path_factory):
    """The benchmark of so many prompts, `0`, `1`, ..., each of which is its own truth."""
    made = {}

    def benchmark(client: Stratix, prompts: int):
        if prompts not in made:
            path = tmp_path_factory.mktemp("benchmarks") / "echo.jsonl"
            path.write_text("\n".join(json.dumps({"input": str(n), "truth": str(n)}) for n in range(prompts)))
            new = client.benchmarks.create_custom(name=f"Echo {prompts}", description="", file_path=path)
            made[prompts] = client.benchmarks.get_by_id(new.benchmark_id)
        return made[prompts]

    return benchmark


@pytest.fixture
def start(benchmarks):
    def start_evaluation(client: Stratix, prompts: int, **options) -> Evaluation:
        model = client.models.get_by_key("gpt-4o")
        return client.evaluations.create(model, benchmarks(client, prompts), **options)

    return start_evaluation


def until(true, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def finish(client: Stratix, evaluation: Evaluation, prompts: int) -> Evaluation:
    """Wait for the end; every prompt must have exactly one result, in its place."""
    ended = client.evaluations.wait_for_completion(evaluation, timeout_seconds=60)
    assert ended.status is EvaluationStatus.SUCCESS, (ended.status, ended.status_description)
    results = client.results.get_all(evaluation=ended)
    assert [result.prompt for result in results] == [str(n) for n in range(prompts)]
    assert ended.progress.done == ended.progress.total == prompts
    assert sum(ended.outcomes.values()) == prompts
    return ended


def test_twenty_pauses_in_quick_succession_ask_no_prompt_twice(client, provider, start):
    evaluation = start(client, 600)
    for _ in range(20):
        calls = len(provider.requests)
        until(lambda calls=calls: len(provider.requests) > calls or provider.in_flight == 0 < calls)
        assert client.evaluations.pause(evaluation).status is EvaluationStatus.PAUSED
        assert client.evaluations.resume(evaluation).status is EvaluationStatus.PENDING
    ended = finish(client, evaluation, 600)
    assert ended.outcomes == {"correct": 600}
    assert ended.accuracy == 1.0
    assert ended.tokens.input == 10 * 600
    assert len(provider.requests) == 600


def test_a_pause_keeps_what_is_on_its_way_and_sends_nothing_more(client, provider, start):
    provider.delay = 0.3
    evaluation = start(client, 300)
    until(lambda: provider.in_flight >= AT_ONCE // 2)
    paused = client.evaluations.pause(evaluation)
    assert paused.status is EvaluationStatus.PAUSED
    assert not paused.is_finished
    assert "request" in paused.status_description
    until(lambda: provider.in_flight == 0)
    until(lambda: client.evaluations.get(evaluation).progress.done == len(provider.requests))
    calls = len(provider.requests)
    time.sleep(0.7)
    assert len(provider.requests) == calls
    still = client.evaluations.wait_for_completion(evaluation, interval_seconds=0.1, timeout_seconds=0.3)
    assert still.status is EvaluationStatus.PAUSED
    assert len(client.results.get_all(evaluation=still)) == calls
    provider.delay = 0.0
    client.evaluations.resume(evaluation)
    finish(client, evaluation, 300)
    assert len(provider.requests) == 300


def test_a_paused_evaluation_can_be_cancelled_and_retried(client, provider, start):
    provider.delay = 0.2
    evaluation = start(client, 300)
    until(lambda: len(provider.requests) > AT_ONCE)
    evaluation.pause()
    evaluation.cancel()
    assert evaluation.status is EvaluationStatus.CANCELLED
    with pytest.raises(ConflictError, match="retry"):
        evaluation.resume()
    provider.delay = 0.0
    assert evaluation.retry().status is EvaluationStatus.PENDING
    ended = finish(client, evaluation, 300)
    assert ended.retries == 1
    assert ended.accuracy == 1.0
    # What was on its way when it was cancelled was dropped, and is all that is asked again.
    assert 300 <= len(provider.requests) <= 300 + AT_ONCE


def test_a_worker_killed_while_it_drains_does_not_hold_up_the_others(platform, client, provider, start):
    provider.delay = 1.5
    evaluation = start(client, 300)
    until(lambda: provider.in_flight >= AT_ONCE // 2)
    client.evaluations.pause(evaluation)
    time.sleep(0.5)  # They have noticed, and wait for their answers.
    for process in workers(platform):
        os.kill(process, signal.SIGKILL)
    client.evaluations.resume(evaluation)
    provider.delay = 0.0
    finish(client, evaluation, 300)
    assert 300 <= len(provider.requests) <= 300 + 2 * AT_ONCE


def test_a_retry_asks_again_for_what_failed_alone(client, provider, start):
    provider.delay = 0.0
    provider.failing = {str(n) for n in range(0, 300, 10)}
    evaluation = start(client, 300)
    ended = finish(client, evaluation, 300)
    assert ended.outcomes == {"correct": 270, "failed": 30}
    with pytest.raises(ConflictError, match="none is truncated"):
        client.evaluations.retry(evaluation, outcomes=["truncated"])
    # A second time some fail again; those that did not are not asked.
    provider.failing = {str(n) for n in range(0, 300, 100)}
    calls = len(provider.requests)
    client.evaluations.retry(evaluation)
    again = finish(client, evaluation, 300)
    assert again.outcomes == {"correct": 297, "failed": 3}
    assert (again.retries, again.accuracy) == (1, pytest.approx(0.99))
    assert len(provider.requests) == calls + 30
    attempts = [result.attempts for result in client.results.get_all(evaluation=again)]
    assert attempts == [2 if n % 10 == 0 else 1 for n in range(300)]


def test_a_retry_that_is_cancelled_leaves_the_results_there_were(client, provider, start):
    provider.delay = 0.0
    provider.failing = {str(n) for n in range(20)}
    evaluation = finish(client, start(client, 40), 40)
    provider.failing, provider.delay = set(), 30.0
    client.evaluations.retry(evaluation, outcomes=["failed", "correct"])
    until(lambda: provider.in_flight > 0)
    cancelled = client.evaluations.cancel(evaluation)
    assert cancelled.outcomes == {"correct": 20, "failed": 20}
    assert cancelled.accuracy == 0.5
    results = client.results.get_all(evaluation=cancelled)
    assert [result.outcome for result in results] == ["failed"] * 20 + ["correct"] * 20


def test_a_deadline_of_its_own_ends_an_evaluation_and_a_retry_has_it_anew(client, provider, start):
    provider.delay = 0.4
    evaluation = start(client, 60, concurrency=4, deadline_seconds=1.5)
    ended = client.evaluations.wait_for_completion(evaluation, timeout_seconds=30)
    assert ended.status is EvaluationStatus.TIMEOUT
    assert "1.5 s (its deadline)" in ended.status_description
    assert 0 < ended.progress.done < 60

    def counts_its_results() -> bool:
        found = client.results.get_all(evaluation=ended)
        return len(found) == client.evaluations.get(ended).progress.done

    until(counts_its_results)  # Answers may come just as it ends.
    provider.delay = 0.0
    client.evaluations.retry(ended)
    finish(client, ended, 60)
