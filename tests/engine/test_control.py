"""Cancel, deadlines, limits and repetitions, seen from outside."""

from __future__ import annotations

import time

import pytest
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens import ConflictError
from layerlens.models import EvaluationStatus


@pytest.fixture
def run(tmp_path, platform_database):
    """Make a platform with a scripted endpoint; returns provider and client."""
    opened = []

    def make(script, **variables):
        provider = ScriptedProvider(script)
        opened.append(provider.__enter__() and provider)
        platform = Platform(tmp_path, provider.base_url, platform_database, **variables)
        platform.start()
        opened.append(platform)
        client = platform.client()
        opened.append(client)
        return provider, client

    yield make
    for thing in reversed(opened):
        thing.close() if hasattr(thing, "close") else thing.__exit__(None, None, None)


def test_a_cancelled_evaluation_ends_within_a_second_and_keeps_what_it_has(run, start):
    quick = {str(n) for n in range(10)}
    provider, client = run(lambda asked, _: Reply(asked, delay=0.0 if asked in quick else 30.0))
    evaluation = start(client, 200)  # One slice, whose first prompts are asked first.
    while client.evaluations.get_by_id(evaluation.id).progress.done < 10:
        time.sleep(0.02)
    started = time.monotonic()
    cancelled = client.evaluations.cancel(evaluation)
    waited = client.evaluations.wait_for_completion(evaluation, interval_seconds=30)
    assert time.monotonic() - started < 1
    assert cancelled.status is EvaluationStatus.CANCELLED
    assert waited.status is EvaluationStatus.CANCELLED
    assert waited.is_finished
    assert not waited.is_success
    results = client.results.get_all(evaluation=waited)
    assert {result.prompt for result in results} == quick
    calls = len(provider.requests)
    time.sleep(1.0)
    assert len(provider.requests) == calls
    assert provider.in_flight == 0
    assert client.evaluations.get_by_id(evaluation.id).outcomes == {"correct": 10}


def test_a_finished_evaluation_cannot_be_cancelled(run, start):
    _, client = run(lambda asked, _: Reply(asked))
    evaluation = client.evaluations.wait_for_completion(start(client, 3), timeout_seconds=30)
    with pytest.raises(ConflictError, match="success"):
        client.evaluations.cancel(evaluation)


def test_an_evaluation_that_takes_too_long_ends_as_timeout(run, start):
    def script(asked, _):
        return Reply(asked, delay=0.0 if asked in "012" else 30.0)

    _, client = run(script, STRATIX_EVALUATION_TIMEOUT="1.5")
    evaluation = client.evaluations.wait_for_completion(start(client, 8), timeout_seconds=30)
    assert evaluation.status is EvaluationStatus.TIMEOUT
    assert "3 of 8" in evaluation.status_description
    assert {r.prompt for r in client.results.get_all(evaluation=evaluation)} == {"0", "1", "2"}


def test_limit_epochs_and_concurrency_are_kept(run, start):
    provider, client = run(lambda asked, _: Reply(asked, delay=0.02))
    evaluation = start(client, 40, limit=10, epochs=3, concurrency=2)
    evaluation = client.evaluations.wait_for_completion(evaluation, timeout_seconds=30)
    assert evaluation.outcomes == {"correct": 30}
    assert set(provider.asked.values()) == {3}
    assert len(provider.asked) == 10
    assert provider.most_in_flight == 2
    results = client.results.get_all(evaluation=evaluation)
    assert [(r.epoch, r.prompt) for r in results] == [(e, str(n)) for e in (1, 2, 3) for n in range(10)]


def test_two_evaluations_share_an_endpoint_and_both_end(run, start):
    provider, client = run(lambda asked, _: Reply(asked, delay=0.01), STRATIX_CONCURRENCY="8")
    both = [start(client, 300), start(client, 300)]
    for evaluation in both:
        found = client.evaluations.wait_for_completion(evaluation, timeout_seconds=60)
        assert found.outcomes == {"correct": 300}
    assert provider.most_in_flight <= 8
    assert len(provider.requests) == 600


def test_an_endpoint_that_is_down_is_a_failure_that_says_so(run, start):
    _, client = run(
        lambda asked, _: Reply(asked), OPENAI_BASE_URL="http://127.0.0.1:9", STRATIX_MAX_ATTEMPTS="2"
    )
    evaluation = client.evaluations.wait_for_completion(start(client, 5), timeout_seconds=60)
    assert evaluation.status is EvaluationStatus.FAILURE
    assert evaluation.failed_prompt_count == 5
    assert "Could not reach http://127.0.0.1:9" in evaluation.status_description
