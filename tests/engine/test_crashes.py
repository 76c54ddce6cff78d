"""Nothing is lost and next to nothing paid for twice, whoever dies and whenever."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens.models import EvaluationStatus

PROMPTS = 600
AT_ONCE = 16
# The writer stores what has come after 100 ms at the latest, in which 16 at once of 20 ms make 80;
# twice that leaves room for a busy machine.
UNFLUSHED = 160


@pytest.fixture
def provider():
    with ScriptedProvider(lambda asked, _times: Reply(asked, delay=0.02)) as provider:
        yield provider


@pytest.fixture
def platform(tmp_path, provider, platform_database):
    limit = {"STRATIX_CONCURRENCY": str(AT_ONCE)}
    with Platform(tmp_path, provider.base_url, platform_database, **limit) as platform:
        yield platform


@pytest.fixture
def client(platform):
    with platform.client() as client:
        yield client


def workers(platform: Platform) -> list[int]:
    found = subprocess.run(("pgrep", "-P", str(platform.process.pid)), capture_output=True, text=True)
    return [int(line) for line in found.stdout.split()]


def wait_for_calls(provider: ScriptedProvider, calls: int) -> None:
    deadline = time.monotonic() + 30
    while len(provider.requests) < calls:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def check_complete(client, evaluation_id: str) -> None:
    evaluation = client.evaluations.get_by_id(evaluation_id)
    evaluation = client.evaluations.wait_for_completion(evaluation, timeout_seconds=60)
    assert evaluation.status is EvaluationStatus.SUCCESS, evaluation.status_description
    assert evaluation.outcomes == {"correct": PROMPTS}
    assert evaluation.accuracy == 1.0
    assert evaluation.tokens.input == 10 * PROMPTS
    results = client.results.get_all_by_id(evaluation_id=evaluation_id)
    assert [result.prompt for result in results] == [str(n) for n in range(PROMPTS)]


def test_a_worker_that_is_killed_is_replaced_and_its_work_goes_on(platform, provider, client, start):
    evaluation = start(client, PROMPTS)
    for calls in (100, 300):
        wait_for_calls(provider, calls)
        for process in workers(platform):
            os.kill(process, signal.SIGKILL)
        time.sleep(0.3)
    check_complete(client, evaluation.id)
    assert PROMPTS <= len(provider.requests) <= PROMPTS + 2 * (AT_ONCE + UNFLUSHED)


def test_the_whole_platform_may_be_killed(platform, provider, client, start):
    evaluation = start(client, PROMPTS)
    wait_for_calls(provider, 200)
    for process in (platform.process.pid, *workers(platform)):
        os.kill(process, signal.SIGKILL)
    platform.process.wait()
    platform.start()
    check_complete(client, evaluation.id)
    assert PROMPTS <= len(provider.requests) <= PROMPTS + AT_ONCE + UNFLUSHED


def test_a_platform_that_is_stopped_pays_for_nothing_twice(platform, provider, client, start):
    evaluation = start(client, PROMPTS)
    wait_for_calls(provider, 200)
    assert platform.stop() < 5
    assert 200 <= len(provider.requests) < PROMPTS
    platform.start()
    check_complete(client, evaluation.id)
    assert len(provider.requests) == PROMPTS


def test_a_worker_leaves_when_its_parent_is_killed(platform, provider, client, start):
    left_behind = workers(platform)
    assert left_behind
    os.kill(platform.process.pid, signal.SIGKILL)
    platform.process.wait()
    deadline = time.monotonic() + 6
    while any(os.path.exists(f"/proc/{process}") for process in left_behind):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    platform.start()
