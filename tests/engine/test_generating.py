"""Benchmarks that are generated survive their workers, and pay for no passage twice that was done."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

from tests.engine.test_crashes import workers
from tests.smart.world import World, facts, good
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

PASSAGES = 24
AT_ONCE = 4


def slowly(asked: str, times: int) -> Reply:
    reply = good(asked, times)
    reply.delay = 0.15
    return reply


def test_a_killed_worker_goes_on_where_it_was(tmp_path: Path, platform_database: str) -> None:
    with (
        ScriptedProvider(slowly) as provider,
        Platform(
            tmp_path, provider.base_url, platform_database, STRATIX_CONCURRENCY=str(AT_ONCE)
        ) as platform,
        platform.client() as client,
    ):
        world = World(client, provider, tmp_path, platform)
        # Without the cache, where the claims of a dead process last half a minute.
        begun = world.begin(world.file(facts(range(PASSAGES))), cache=False)
        world.until(begun, 5)
        (worker,) = workers(platform)
        os.kill(worker, signal.SIGKILL)
        found = world.end(begun)
        assert (found.status, found.prompt_count) == ("ready", PASSAGES)
        assert found.generation is not None
        assert (found.generation.done, found.generation.duplicates) == (PASSAGES, 0)
        assert [truth for _, truth in world.prompts(found)] == [str(n + 10) for n in range(PASSAGES)]
        asked = Counter(world.asked())
        assert len(asked) == PASSAGES
        # Twice are asked at most those that were on their way.
        assert sum(asked.values()) <= PASSAGES + AT_ONCE


def test_what_is_on_its_way_is_stored_before_it_stops(tmp_path: Path, platform_database: str) -> None:
    with (
        ScriptedProvider(slowly) as provider,
        Platform(
            tmp_path, provider.base_url, platform_database, STRATIX_CONCURRENCY=str(AT_ONCE)
        ) as platform,
        platform.client() as client,
    ):
        world = World(client, provider, tmp_path, platform)
        begun = world.begin(world.file(facts(range(PASSAGES))), cache=False)
        world.until(begun, 5)
        platform.stop()
        asked = len(provider.requests)
        assert asked < PASSAGES
        platform.start()
        found = world.end(begun)
        assert (found.status, found.prompt_count) == ("ready", PASSAGES)
        assert len(provider.requests) == PASSAGES
