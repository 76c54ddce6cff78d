"""Twenty kills over one evaluation: of workers, of the server and of PostgreSQL, at random moments."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest
from tests.engine.test_crashes import workers
from tests.support.platform import Platform
from tests.support.postgres import OwnPostgres
from tests.support.provider import Reply, ScriptedProvider
from tests.support.workers import Worker, wait_until

from layerlens import APIConnectionError, InternalServerError
from layerlens.models import EvaluationStatus

PROMPTS = 5000
AT_ONCE = 16
# What is answered waits at most 250 ms for its place in the database; 16 at once of 20 ms make 200.
UNFLUSHED = 200
KILLS = ["worker"] * 14 + ["server"] * 3 + ["database"] * 3


class Cluster:
    """A platform with a worker of its own and two `stratix worker`, which are started again when they end."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.others = [Worker(platform, f"sk-{number}") for number in range(2)]

    def look_after(self) -> None:
        """Start those again that have ended, as a service manager does."""
        for at, worker in enumerate(self.others):
            if worker.process.poll() is not None:
                self.others[at] = Worker(self.platform, worker.name)

    def kill_a_worker(self, chance: random.Random) -> bool:
        """Kill one of the workers; False if there was none, or it was dead already."""
        found = [*workers(self.platform), *(worker.process.pid for worker in self.others)]
        try:
            os.kill(chance.choice(found), signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def close(self) -> None:
        for worker in self.others:
            worker.close()


@pytest.fixture
def provider():
    with ScriptedProvider(lambda asked, _times: Reply(asked, delay=0.02)) as provider:
        yield provider


def patiently(ask):
    """Ask the server again for as long as it is away."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return ask()
        except (APIConnectionError, InternalServerError):
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_twenty_kills_lose_nothing_and_next_to_nothing_is_paid_for_twice(tmp_path, provider, start):
    seed = int(os.environ.get("STRATIX_TEST_SEED", random.randrange(10**6)))
    print(f"STRATIX_TEST_SEED={seed}")
    chance = random.Random(seed)
    kills = chance.sample(KILLS, len(KILLS))
    moments = sorted(chance.randrange(50, PROMPTS - 250) for _ in kills)
    with (
        OwnPostgres() as postgres,
        Platform(tmp_path, provider.base_url, postgres.url, STRATIX_CONCURRENCY=str(AT_ONCE)) as platform,
        platform.client() as client,
    ):
        cluster = Cluster(platform)
        evaluation = start(client, PROMPTS)

        def has_come_to(moment: int) -> bool:
            cluster.look_after()
            return len(provider.asked) >= moment

        try:
            for moment, victim in zip(moments, kills, strict=True):
                wait_until(lambda moment=moment: has_come_to(moment), seconds=60)
                if victim == "worker":
                    wait_until(lambda: cluster.kill_a_worker(chance))
                elif victim == "database":
                    postgres.kill()
                    time.sleep(chance.uniform(0, 0.5))
                    postgres.start()
                else:
                    platform.process.kill()
                    platform.process.wait()
                    platform.start()
            ended = patiently(lambda: client.evaluations.wait_for_completion(evaluation, timeout_seconds=60))
        finally:
            cluster.close()
        assert ended.status is EvaluationStatus.SUCCESS, ended.status_description
        assert ended.outcomes == {"correct": PROMPTS}
        assert ended.accuracy == 1.0
        assert (ended.tokens.input, ended.tokens.output) == (10 * PROMPTS, 2 * PROMPTS)
        results = patiently(lambda: client.results.get_all_by_id(evaluation_id=evaluation.id))
        assert [result.prompt for result in results] == [str(n) for n in range(PROMPTS)]
    paid_twice = len(provider.requests) - PROMPTS
    print(f"{paid_twice} of {len(provider.requests)} calls were made again")
    assert 0 <= paid_twice <= len(kills) * (AT_ONCE + UNFLUSHED)
