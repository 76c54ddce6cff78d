"""Long polls cost little and hold nobody up: they leave with their client and with the server."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from stratix.storage import evaluations


def test_a_server_that_stops_answers_who_waits(lone_server: Any) -> None:
    us = lone_server.tenant("Ours")
    found = us.evaluation()
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(us.get, f"/evaluations/{found['id']}", wait=30) for _ in range(8)]
        time.sleep(0.5)
        began = time.monotonic()
        lone_server.stop()
        assert {answer.result(timeout=10)["status"] for answer in waiting} == {"pending"}
    assert time.monotonic() - began < 4
    us.http.close()


def test_a_client_that_leaves_is_not_waited_for(us: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found, asked = us.evaluation(), 0
    real = evaluations.get

    async def counting(*arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return await real(*arguments)

    monkeypatch.setattr(evaluations, "get", counting)
    host, port = us.server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        line = f"GET /api/v1/evaluations/{found['id']}?wait=30 HTTP/1.1\r\nhost: {host}\r\n"
        connection.sendall(f"{line}x-api-key: {us.api_key}\r\n\r\n".encode())
        deadline = time.monotonic() + 10
        while asked < 3 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert asked >= 3
    time.sleep(0.4)
    left = asked
    time.sleep(0.6)
    assert asked == left


def test_others_are_served_while_many_wait(us: Any) -> None:
    found = us.evaluation()
    with ThreadPoolExecutor(40) as pool:
        waiting = [pool.submit(us.get, f"/evaluations/{found['id']}", wait=3) for _ in range(40)]
        time.sleep(0.3)
        durations = []
        for _ in range(10):
            began = time.monotonic()
            assert us.http.get("/organizations").status_code == 200
            durations.append(time.monotonic() - began)
        us.post(f"/evaluations/{found['id']}/cancel", None)
        assert {answer.result()["status"] for answer in waiting} == {"cancelled"}
    assert sorted(durations)[5] < 1


def test_readers_and_writers_do_not_fail_each_other(us: Any) -> None:
    model_id, benchmark_id = us.model(), us.benchmark()
    item = [{"model_id": model_id, "dataset_id": benchmark_id}]

    def work(number: int) -> httpx.Response:
        if number % 3 == 0:
            return us.http.post(f"{us.project}/evaluations", json=item)
        if number % 3 == 1:
            return us.http.get("/evaluations", params={"organization_id": us.organization_id})
        return us.http.get(f"{us.project}/models")

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(work, range(90)))
    assert {answer.status_code for answer in answers} == {200}
    assert us.get("/evaluations", organization_id=us.organization_id)["total_count"] == 30
