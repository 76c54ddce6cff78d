"""Measuring answers outlives what happens to the worker, and is in nobody's way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.support import metric
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens.models import EvaluationStatus

TEXTS = ["HEY", "nap once", "hey", "HO"]


@pytest.fixture
def provider():
    with ScriptedProvider(lambda asked, _times: Reply(asked)) as provider:
        yield provider


@pytest.fixture
def nap(tmp_path) -> Path:
    """The file that is there from when the metric sleeps for the first and only time."""
    return tmp_path / "nap"


@pytest.fixture
def platform(tmp_path, nap, provider, platform_database):
    path = os.pathsep.join([str(metric.install(tmp_path / "plugin")), os.environ.get("PYTHONPATH", "")])
    variables = {"PYTHONPATH": path, "NAP": str(nap)}
    with Platform(tmp_path, provider.base_url, platform_database, **variables) as platform:
        yield platform


@pytest.fixture
def client(platform):
    with platform.client() as client:
        yield client


@pytest.fixture
def measuring(client, nap, tmp_path):
    """An evaluation all of whose answers are in, while its metric is at work."""
    path = tmp_path / "texts.jsonl"
    path.write_text("\n".join(json.dumps({"input": text, "truth": text}) for text in TEXTS))
    made = client.benchmarks.create_custom(name="Texts", description="", file_path=path)
    evaluation = client.evaluations.create(
        client.models.get_by_key("gpt-4o"),
        client.benchmarks.get_by_id(made.benchmark_id),
        metrics=["shouting", "readability"],
    )
    deadline = time.monotonic() + 30
    while not nap.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    evaluation = client.evaluations.get(evaluation)
    assert evaluation.status is EvaluationStatus.IN_PROGRESS
    assert evaluation.progress.done == evaluation.progress.total == len(TEXTS)
    return evaluation


def check_complete(client, provider, evaluation_id: str) -> None:
    evaluation = client.evaluations.wait_for_completion(evaluation_id, timeout_seconds=30)
    assert evaluation.is_success
    assert (evaluation.measured["shouting"].count, evaluation.measured["shouting"].mean) == (4, 0.5)
    results = client.results.get_all_by_id(evaluation_id=evaluation_id)
    assert [result.metrics["shouting"] for result in results] == [1.0, 0.0, 0.0, 1.0]
    assert len(provider.requests) == len(TEXTS)


def test_a_worker_that_is_killed_while_it_measures_is_replaced(platform, client, provider, measuring):
    found = subprocess.run(("pgrep", "-P", str(platform.process.pid)), capture_output=True, text=True)
    for process in map(int, found.stdout.split()):
        os.kill(process, signal.SIGKILL)
    check_complete(client, provider, measuring.id)


def test_stopping_does_not_wait_for_a_metric(platform, client, provider, measuring):
    assert platform.stop() < 5
    platform.start()
    check_complete(client, provider, measuring.id)


def test_an_evaluation_may_be_cancelled_while_it_is_measured(client, measuring):
    cancelled = client.evaluations.cancel(measuring)
    assert cancelled.status is EvaluationStatus.CANCELLED
    assert cancelled.measured == {}
    assert cancelled.outcomes == {"correct": len(TEXTS)}


def test_other_evaluations_go_on_while_one_is_measured(client, provider, measuring, start):
    other = client.evaluations.wait_for_completion(start(client, 30), timeout_seconds=10)
    assert other.is_success
