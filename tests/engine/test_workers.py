"""Many workers on one PostgreSQL: the work is spread, and outlives whoever does it."""

from __future__ import annotations

import itertools
import signal
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider
from tests.support.workers import Worker, asked_by, wait_until

from layerlens.models import EvaluationStatus

PROMPTS = 1500
AT_ONCE = 16
SLICE = 250
numbers = itertools.count(1)
# What is answered waits at most 250 ms for its place in the database.
UNFLUSHED = 200


def quick(asked: str, _times: int) -> Reply:
    return Reply(asked, delay=0.03)


@pytest.fixture(scope="module")
def everything(tmp_path_factory, postgres):
    """A provider, a platform without workers, and the workers beside it that are alive."""
    name = postgres.create()
    variables = {"STRATIX_CONCURRENCY": str(AT_ONCE), "STRATIX_WORKERS": "0"}
    with (
        ScriptedProvider(quick) as provider,
        Platform(
            tmp_path_factory.mktemp("workers"), provider.base_url, postgres.url(name), **variables
        ) as platform,
    ):
        alive: list[Worker] = []
        yield provider, platform, alive
        for worker in alive:
            worker.close()
    postgres.drop(name)


@pytest.fixture
def provider(everything):
    provider, _, _ = everything
    provider.requests.clear()
    provider.headers.clear()
    provider.asked.clear()
    provider.script = quick
    return provider


@pytest.fixture
def client(everything):
    with everything[1].client() as client:
        yield client


@pytest.fixture
def workers(everything) -> Iterator[list[Worker]]:
    """Two workers that are alive; those that a test ends are replaced for the next."""
    _, platform, alive = everything
    while len(alive) < 2:
        alive.append(Worker(platform, f"sk-{next(numbers)}"))
    for worker in alive:
        wait_until(lambda worker=worker: "takes work" in worker.log())
    yield alive
    for worker in list(alive):
        if worker.process.poll() is not None:
            alive.remove(worker)


@pytest.fixture
def two(workers, provider, client, start):
    """Two workers, both at work on an evaluation."""
    evaluation = start(client, PROMPTS)
    for worker in workers:
        wait_until(lambda worker=worker: len(asked_by(provider, worker)) > 50)
    return (*workers, evaluation)


def slices(prompts: list[str]) -> set[int]:
    return {int(prompt) // SLICE for prompt in prompts}


def begun(prompts: list[str]) -> set[int]:
    """Which slices somebody has asked a part of; the whole ones may be done with."""
    asked = Counter(int(prompt) // SLICE for prompt in prompts)
    return {number for number, count in asked.items() if count < SLICE}


def check_complete(client, evaluation_id: str) -> None:
    evaluation = client.evaluations.wait_for_completion(evaluation_id, timeout_seconds=60)
    assert evaluation.status is EvaluationStatus.SUCCESS, evaluation.status_description
    assert evaluation.outcomes == {"correct": PROMPTS}
    assert evaluation.accuracy == 1.0
    assert (evaluation.tokens.input, evaluation.tokens.output) == (10 * PROMPTS, 2 * PROMPTS)
    results = client.results.get_all_by_id(evaluation_id=evaluation_id)
    assert [result.prompt for result in results] == [str(n) for n in range(PROMPTS)]


def test_a_killed_workers_slices_go_to_the_other(two, provider, client):
    first, second, evaluation = two
    first.kill()
    left = begun(asked_by(provider, first))
    wait_until(lambda: left <= slices(asked_by(provider, second)))
    check_complete(client, evaluation.id)
    assert PROMPTS <= len(provider.requests) <= PROMPTS + AT_ONCE + UNFLUSHED


def test_a_frozen_workers_slices_go_to_the_other_and_it_leaves_when_it_thaws(two, provider, client):
    first, second, evaluation = two
    first.send(signal.SIGSTOP)
    time.sleep(0.1)
    asked = asked_by(provider, first)
    try:
        wait_until(lambda: begun(asked) <= slices(asked_by(provider, second)))
    finally:
        first.send(signal.SIGCONT)
    assert first.process.wait(30) == 75
    assert "was given up by others" in first.log()
    assert asked_by(provider, first) == asked
    check_complete(client, evaluation.id)
    assert PROMPTS <= len(provider.requests) <= PROMPTS + AT_ONCE + UNFLUSHED


def test_a_stopped_worker_finishes_its_answers_and_gives_the_rest_back(two, provider, client):
    first, second, evaluation = two
    first.send(signal.SIGTERM)
    assert first.process.wait(30) == 0
    left = begun(asked_by(provider, first))
    wait_until(lambda: left <= slices(asked_by(provider, second)))
    check_complete(client, evaluation.id)
    assert len(provider.requests) == PROMPTS
    log = first.log()
    assert "waits for the answers on their way" in log
    assert "has left" in log
    assert "Traceback" not in log


def test_a_second_signal_ends_a_worker_at_once(workers, provider, client, start):
    provider.script = lambda asked, _times: Reply(asked, delay=60.0)
    evaluation = start(client, 10)
    wait_until(lambda: len(provider.requests) == 10)
    worker = next(worker for worker in workers if asked_by(provider, worker))
    worker.send(signal.SIGTERM)
    wait_until(lambda: "waits for the answers on their way" in worker.log())
    assert worker.process.poll() is None
    worker.send(signal.SIGTERM)
    assert worker.process.wait(8) == 1  # It would wait 10 s for its answers.
    assert "told to stop twice" in worker.log()
    client.evaluations.cancel(evaluation)
