"""How the tree of processes ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import httpx
import pytest
from tests.engine.test_crashes import workers
from tests.support.platform import API_KEY, Platform
from tests.support.provider import Reply, ScriptedProvider
from tests.support.workers import wait_until


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_platform_stops_in_good_order(tmp_path, number):
    with Platform(tmp_path, "http://127.0.0.1:9/v1") as platform:
        mine = workers(platform)
        assert mine
        assert platform.stop(number) < 5
        assert platform.process.returncode == 0
        assert not any(os.path.exists(f"/proc/{process}") for process in mine)
        assert "Traceback" not in platform.log()
        platform.start()


def test_stopping_amid_an_evaluation_is_no_error(tmp_path):
    with (
        ScriptedProvider(lambda *_: Reply(delay=0.1)) as provider,
        Platform(tmp_path, provider.base_url) as platform,
        platform.client() as client,
    ):
        model = client.models.get_by_key("gpt-4o")
        benchmark = client.benchmarks.get_by_key("first-steps")
        client.evaluations.create(model=model, benchmark=benchmark, epochs=50, concurrency=8)
        wait_until(lambda: len(provider.requests) > 16)
        platform.stop()
        assert "ERROR" not in platform.log()
        platform.start()


def test_a_long_poll_is_answered_at_the_end(tmp_path):
    with (
        ScriptedProvider(lambda *_: Reply(delay=30.0)) as provider,
        Platform(tmp_path, provider.base_url) as platform,
        platform.client() as client,
    ):
        evaluation = client.evaluations.create(
            model=client.models.get_by_key("gpt-4o"), benchmark=client.benchmarks.get_by_key("first-steps")
        )
        answers: list[httpx.Response] = []
        url = f"{platform.address}/api/v1/evaluations/{evaluation.id}?wait=25"
        ask = threading.Thread(target=lambda: answers.append(httpx.get(url, headers={"x-api-key": API_KEY})))
        ask.start()
        time.sleep(0.5)
        assert platform.stop() < 5
        ask.join(5)
        assert [answer.status_code for answer in answers] == [200]
        assert answers[0].json()["status"] in ("pending", "in-progress")
        platform.start()


def test_a_second_platform_on_the_same_folder_is_refused(tmp_path):
    with Platform(tmp_path, "http://127.0.0.1:9/v1") as platform:
        command = (sys.executable, "-m", "stratix.cli.main", "up", "--port", "0")
        done = subprocess.run(command, env=platform.environment, capture_output=True, text=True, timeout=30)
        assert done.returncode == 1
        assert "runs in" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("variable", ["STRATIX_API_KEY", "STRATIX_SECRET_KEY"])
def test_a_key_that_is_too_short_is_refused_in_one_line(tmp_path, variable):
    platform = Platform(tmp_path, "http://127.0.0.1:9/v1", **{variable: "short"})
    command = (sys.executable, "-m", "stratix.cli.main", "up", "--port", "0")
    done = subprocess.run(command, env=platform.environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert f"{variable} must have at least" in done.stderr
    assert "cli/main.py" not in done.stderr
