"""Metrics: what Prometheus reads, and who may read it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from stratix.runner.meter import Meter
from stratix.storage import counters, workers
from stratix.storage.database import Database

from .conftest import running


def read(url: str, **headers: str) -> dict[str, float]:
    """Return every sample as it is written: name and labels."""
    answer = httpx.get(f"{url}/metrics", headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        sample.name + "".join(f",{value}" for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def publish(server: Any, meter: Meter, worker: str = "", **gauges: float) -> None:
    taken = meter.take()

    async def work(connection: Any) -> None:
        database = Database(server.database_url)
        await counters.add(connection, database, taken)
        if worker:
            await workers.join(connection, database, worker, host="here", pid=1, version="1")
            named: dict[counters.Series, float] = {(key, "openai"): value for key, value in gauges.items()}
            await counters.put_gauges(connection, worker, named)
        await database.close()

    server.write(work)


def result(**changed: Any) -> dict[str, Any]:
    row = {"outcome": "correct", "attempts": 1, "cached": False, "cost": 0.25, "tokens_input": 10}
    row |= {"tokens_output": 5, "tokens_reasoning": None, "judge_tokens_input": None}
    return {**row, "judge_tokens_output": None, **changed}


def test_workers_add_to_what_is_counted_and_nothing_goes_back(server: Any) -> None:
    before = read(server.url)
    for worker in ("one", "two"):
        meter = Meter()  # As a worker begins, also when it is started again.
        for seconds in (0.05, 0.3, 1000.0):
            meter.called("openai", "ok", seconds)
        meter.called("openai", "429", 0.01)
        meter.answered("openai", "gpt-4o", result(attempts=3))
        meter.answered("openai", "gpt-4o", result(outcome="failed", cost=None, tokens_input=None))
        meter.answered("openai", "gpt-4o", result(cached=True, cost=0.0))
        meter.worked()
        publish(server, meter, worker, in_flight=2, places=8, waiting=1)
    now = read(server.url)

    def grown(name: str) -> float:
        return now[name] - before.get(name, 0.0)

    assert grown("stratix_model_calls_total,ok,openai") == 6
    assert grown("stratix_model_calls_total,429,openai") == 2
    assert grown("stratix_model_retries_total,openai") == 4
    assert grown("stratix_results_total,gpt-4o,correct,openai") == 4
    assert grown("stratix_results_total,gpt-4o,failed,openai") == 2
    assert grown("stratix_cached_results_total,gpt-4o,openai") == 2
    assert grown("stratix_tokens_total,input,gpt-4o,openai") == 20
    assert grown("stratix_tokens_total,output,gpt-4o,openai") == 20
    assert grown("stratix_cost_usd_total,gpt-4o,openai") == 0.5
    assert grown("stratix_slices_total") == 2
    assert grown("stratix_model_call_seconds_bucket,0.05,openai") == 4
    assert grown("stratix_model_call_seconds_bucket,0.5,openai") == 6
    assert grown("stratix_model_call_seconds_bucket,640,openai") == 6
    assert grown("stratix_model_call_seconds_bucket,+Inf,openai") == 8
    assert grown("stratix_model_call_seconds_count,openai") == 8
    assert grown("stratix_model_call_seconds_sum,openai") == pytest.approx(2 * 1000.36)
    assert now["stratix_workers"] == 2
    assert now["stratix_calls_in_flight,openai"] == 4
    assert now["stratix_limiter_places,openai"] == 16
    assert now["stratix_prompts_waiting,openai"] == 2


def test_what_could_not_be_published_is_counted_again() -> None:
    meter = Meter()
    meter.worked()
    taken = meter.take()
    meter.worked()
    meter.give_back(taken)
    assert meter.take() == {("slices",): 2}
    assert meter.take() == {}


def test_the_queue_is_shown(us: Any) -> None:
    before = read(us.server.url)
    us.evaluation()
    found = us.evaluation()
    us.post(f"/evaluations/{found['id']}/cancel", None)
    now = read(us.server.url)
    for status, more in (("pending", 1), ("cancelled", 1), ("success", 0)):
        name = f"stratix_evaluations,{status}"
        assert now[name] == before[name] + more
    assert now["stratix_queue_prompts"] == before["stratix_queue_prompts"]


def test_they_say_nothing_of_what_callers_named(us: Any) -> None:
    us.evaluation(model_id=us.model(key="evil-key", name="EvilName"))
    us.evaluation()
    text = httpx.get(f"{us.server.url}/metrics", trust_env=False).text
    assert "evil" not in text.casefold()
    assert us.organization_id not in text


@pytest.mark.parametrize("headers", [{"host": "stratix.example.org"}, {"x-forwarded-for": "192.0.2.1"}])
def test_from_elsewhere_it_takes_a_key(us: Any, headers: dict[str, str]) -> None:
    address = f"{us.server.url}/metrics"
    assert httpx.get(address, headers=headers, trust_env=False).status_code == 401
    wrong = {**headers, "authorization": "Bearer wrong"}
    assert httpx.get(address, headers=wrong, trust_env=False).status_code == 401
    assert read(us.server.url, **headers, authorization=f"Bearer {us.api_key}")
    assert read(us.server.url, **headers, **{"x-api-key": us.api_key})


def test_a_key_of_their_own_is_the_only_one(migrated_sqlite: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'stratix.db')}"
    behind = "https://stratix.example.org"
    with running(url, tmp_path, metrics_key="a-key-for-metrics", public_url=behind) as server:
        us = server.tenant("Ours")
        address = f"{server.url}/metrics"
        assert httpx.get(address, trust_env=False).status_code == 401
        for name, key, status in (
            ("authorization", f"Bearer {us.api_key}", 401),
            ("authorization", "Bearer a-key-for-metricz", 401),
            ("authorization", "Bearer ключ".encode(), 401),
            ("authorization", "Bearer a-key-for-metrics", 200),
            ("x-api-key", "a-key-for-metrics", 200),
        ):
            assert httpx.get(address, headers={name: key}, trust_env=False).status_code == status
        us.http.close()
