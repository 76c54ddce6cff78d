"""Limits of an endpoint, seen from outside: two workers, one endpoint, several evaluations."""

from __future__ import annotations

import json
import time
from collections import Counter

import pytest
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens.models import EvaluationStatus

CONCURRENCY = 8


class Endpoint(ScriptedProvider):
    """A scripted endpoint that notes when each prompt came."""

    def __init__(self) -> None:
        super().__init__(self._reply)
        self.answer = lambda asked, _count: Reply(asked)
        self.times: list[tuple[float, str]] = []

    def _reply(self, asked: str, count: int) -> Reply:
        self.times.append((time.monotonic(), asked))
        return self.answer(asked, count)

    def begin(self, answer) -> None:
        self.answer = answer
        while self.times and time.monotonic() - self.times[-1][0] < 0.7:
            time.sleep(0.1)  # Of a cancelled evaluation there is more to come.
        self.times.clear()
        self.asked.clear()
        self.most_in_flight = 0


@pytest.fixture(scope="module")
def here(tmp_path_factory, postgres):
    """Two workers on PostgreSQL, their endpoint, and a client."""
    name = postgres.create()
    with (
        Endpoint() as endpoint,
        Platform(
            tmp_path_factory.mktemp("limits"),
            endpoint.base_url,
            postgres.url(name),
            STRATIX_WORKERS="2",
            STRATIX_CONCURRENCY=str(CONCURRENCY),
            STRATIX_RATE_LIMITS="gpt-4o-mini=600/-",
        ) as platform,
        platform.client() as client,
    ):
        yield endpoint, client
    postgres.drop(name)


@pytest.fixture
def start(here, tmp_path):
    """Start an evaluation of so many prompts, whose names begin as told and who are their own truth."""
    _, client = here

    def start_evaluation(prompts: int, prefix: str, model: str = "gpt-4o", **options):
        path = tmp_path / f"{prefix}.jsonl"
        texts = [f"{prefix} {number}" for number in range(prompts)]
        path.write_text("\n".join(json.dumps({"input": text, "truth": text}) for text in texts))
        created = client.benchmarks.create_custom(name=f"Echo {prefix}", description="echo", file_path=path)
        return client.evaluations.create(
            client.models.get_by_key(model), client.benchmarks.get_by_id(created.benchmark_id), **options
        )

    return start_evaluation


def finished(client, evaluation):
    return client.evaluations.wait_for_completion(evaluation, interval_seconds=5, timeout_seconds=60)


def test_two_workers_keep_to_one_limit(here, start):
    endpoint, client = here
    endpoint.begin(lambda asked, _: Reply(asked, delay=0.03))
    evaluation = finished(client, start(1200, "many"))
    assert evaluation.outcomes == {"correct": 1200}
    assert endpoint.most_in_flight <= CONCURRENCY + 1  # Who comes second has one place at once.
    assert set(endpoint.asked.values()) == {1}


def test_a_small_evaluation_does_not_wait_behind_a_large_one(here, start):
    endpoint, client = here
    endpoint.begin(lambda asked, _: Reply(asked, delay=0.05))
    large = start(5000, "large")
    while len(endpoint.times) < 100:
        time.sleep(0.02)
    began = time.monotonic()
    small = finished(client, start(40, "small"))
    assert small.outcomes == {"correct": 40}
    assert time.monotonic() - began < 5
    assert client.evaluations.get_by_id(large.id).status is EvaluationStatus.IN_PROGRESS
    client.evaluations.cancel(large)


def test_an_urgent_evaluation_goes_first(here, start):
    endpoint, client = here
    endpoint.begin(lambda asked, _: Reply(asked, delay=0.05))
    plain = start(3000, "plain")
    while len(endpoint.times) < 100:
        time.sleep(0.02)
    urgent = start(200, "urgent", priority=-1)
    assert urgent.priority == -1
    assert finished(client, urgent).outcomes == {"correct": 200}
    names = [name.split()[0] for _, name in endpoint.times]
    first = names.index("urgent")
    last = len(names) - names[::-1].index("urgent")
    shares = Counter(names[first:last])
    assert shares["urgent"] > 1.5 * shares["plain"]  # Half a second goes by until both workers know.
    assert shares["plain"] > 0
    client.evaluations.cancel(plain)


def test_requests_a_minute_are_kept_by_all_workers_together(here, start):
    endpoint, client = here
    endpoint.begin(lambda asked, _: Reply(asked))
    evaluation = finished(client, start(30, "slowly", "gpt-4o-mini"))
    assert evaluation.outcomes == {"correct": 30}
    times = [moment for moment, _ in endpoint.times]
    assert times[-1] - times[0] >= 2.6


def test_a_refused_key_ends_an_evaluation_and_keeps_what_it_has(here, start):
    endpoint, client = here

    def answer(asked: str, _count: int) -> Reply:
        if len(endpoint.times) > 50:
            return Reply("your account is closed", status=401)
        return Reply(asked, delay=0.01)

    endpoint.begin(answer)
    evaluation = finished(client, start(4000, "denied"))
    assert evaluation.status is EvaluationStatus.FAILURE
    assert "your account is closed" in evaluation.status_description
    time.sleep(1.0)  # The other worker hears of the end, drops what it has in flight and stores the rest.
    evaluation = client.evaluations.get_by_id(evaluation.id)
    assert 50 - CONCURRENCY <= evaluation.outcomes["correct"] <= 50
    assert len(endpoint.times) <= 50 + 3 * CONCURRENCY
    answers = client.results.get_all(evaluation=evaluation)
    assert Counter(result.outcome for result in answers) == evaluation.outcomes


def test_nothing_is_asked_before_its_retry_after_and_everything_is_answered(here, start):
    endpoint, client = here
    begins: dict[str, float] = {}
    early = []

    def answer(asked: str, count: int) -> Reply:
        if time.monotonic() < begins.get(asked, 0.0):
            early.append(asked)
        number = int(asked.split()[1])
        if count == 1 and number % 20 == 0:
            begins[asked] = time.monotonic() + 1
            return Reply(status=429, headers={"retry-after": "1"})
        if count == 1 and number % 33 == 1:
            return Reply(status=500)
        if count == 1 and number % 50 == 2:
            return Reply(drop=True)
        return Reply(asked, delay=0.01)

    endpoint.begin(answer)
    evaluation = finished(client, start(600, "sick"))
    assert evaluation.outcomes == {"correct": 600}
    assert not early
    assert set(endpoint.asked.values()) == {1, 2}
