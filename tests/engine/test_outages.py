"""A database that goes away, or is kept busy: work waits for it, and nothing is paid for twice."""

from __future__ import annotations

import sqlite3
import threading
import time

import pytest
from tests.support.platform import Platform
from tests.support.postgres import OwnPostgres
from tests.support.provider import Reply, ScriptedProvider
from tests.support.workers import Worker, wait_until

from layerlens.models import EvaluationStatus

PROMPTS = 1200


@pytest.fixture
def provider():
    with ScriptedProvider(lambda asked, _times: Reply(asked, delay=0.02)) as provider:
        yield provider


def check_complete(client, provider, evaluation) -> None:
    evaluation = client.evaluations.wait_for_completion(evaluation, timeout_seconds=60)
    assert evaluation.status is EvaluationStatus.SUCCESS, evaluation.status_description
    assert evaluation.outcomes == {"correct": PROMPTS}
    assert evaluation.accuracy == 1.0
    assert (evaluation.tokens.input, evaluation.tokens.output) == (10 * PROMPTS, 2 * PROMPTS)
    results = client.results.get_all(evaluation=evaluation)
    assert [result.prompt for result in results] == [str(n) for n in range(PROMPTS)]
    assert len(provider.requests) == PROMPTS


def test_postgres_may_be_away_for_a_while_and_may_be_killed(tmp_path, provider, start):
    with (
        OwnPostgres() as postgres,
        Platform(tmp_path, provider.base_url, postgres.url, STRATIX_CONCURRENCY="8") as platform,
        platform.client() as client,
    ):
        other = Worker(platform, "sk-other")
        try:
            wait_until(lambda: "takes work" in other.log())
            evaluation = start(client, PROMPTS)
            wait_until(lambda: len(provider.requests) > 200)
            postgres.stop()
            time.sleep(8)
            # Without the database nobody can know whose the work is, so after a while nothing more is sent.
            asked = len(provider.requests)
            time.sleep(0.5)
            assert len(provider.requests) == asked < PROMPTS
            postgres.start()
            wait_until(lambda: len(provider.requests) > asked + 100)
            postgres.kill()
            postgres.start()
            check_complete(client, provider, evaluation)
            assert other.process.poll() is None
        finally:
            other.close()


def test_sqlite_may_be_read_all_the_time(tmp_path, provider, start):
    done = threading.Event()
    reads: list[int] = []

    def read() -> None:
        connection = sqlite3.connect(tmp_path / "data" / "stratix.db", timeout=30, isolation_level=None)
        while not done.is_set():
            connection.execute("BEGIN")
            for _ in range(5):
                reads.append(
                    connection.execute("SELECT count(*), sum(length(response)) FROM results").fetchone()[0]
                )
            connection.execute("COMMIT")
        connection.close()

    with (
        Platform(tmp_path, provider.base_url, STRATIX_WORKERS="2") as platform,
        platform.client() as client,
    ):
        threads = [threading.Thread(target=read) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            check_complete(client, provider, start(client, PROMPTS))
        finally:
            done.set()
            for thread in threads:
                thread.join()
    assert max(reads) == PROMPTS
