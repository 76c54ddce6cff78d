"""Waiting by a stream of events, and without one where it is not to be had."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from layerlens import APIConnectionError, _waiting
from layerlens._events import Event, EventReader

EVENTS = "/evaluations/eval-1/events"
EVALUATION = "/evaluations/eval-1"


def event(body: Any, name: str = "progress") -> bytes:
    return f"id: 7\nevent: {name}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n".encode()


@pytest.fixture
def at(evaluation):
    """An evaluation that has so many answers."""

    def made(done):
        return evaluation(status="in-progress", progress={"total": 9, "done": done, "per_second": 1})

    return made


@pytest.fixture
def wait(run):
    """Wait for the evaluation and return it, and how many answers it had whenever it was told of."""

    async def waited(**options):
        counts = []

        async def listen(one):
            counts.append(one.progress and one.progress.done)

        listener = listen if run.is_async else lambda one: counts.append(one.progress and one.progress.done)
        found = await run(
            lambda c: c.evaluations.wait_for_completion("eval-1", on_progress=listener, **options)
        )
        return found, counts

    return waited


async def test_changes_are_told_as_they_come(server, stream, evaluation, at, wait):
    odd = {**at(2), "status_description": "a\u2028b\u0085c"}
    first, second = event(at(1)), event(odd)
    parts = [b"retry: 1000\n\n", first[:20], 0.05, first[20:], b": still here\n\n", second, 0.1]
    server.on("GET", EVENTS, stream([*parts, event(evaluation(), "end")]))
    server.on("GET", EVALUATION, evaluation(settings={"temperature": 0}))
    began = time.monotonic()
    found, counts = await wait(interval_seconds=30)
    assert time.monotonic() - began < 1
    assert found.is_success
    assert found.settings == {"temperature": 0}
    assert counts == [1, 2, None]
    (asked,) = server.asked("GET", EVENTS)
    assert asked.headers["accept"] == "text/event-stream"
    assert asked.query["every"] == "15.000"
    assert [seen.query for seen in server.asked("GET", EVALUATION)] == [{}]


async def test_the_interval_is_how_often_the_server_tells_at_least(server, stream, evaluation, wait):
    server.on("GET", EVENTS, stream([event(evaluation(), "end")]))
    server.on("GET", EVALUATION, evaluation())
    await wait(interval_seconds=0.5, timeout_seconds=7)
    (asked,) = server.asked("GET", EVENTS)
    assert asked.query["every"] == "0.500"
    assert 6 < float(asked.query["wait"]) <= 7


async def test_a_stream_that_ends_is_taken_up_again(server, stream, evaluation, at, wait, monkeypatch, drop):
    monkeypatch.setattr(_waiting, "STREAM_MIN_SECONDS", 0.2)
    server.on(
        "GET",
        EVENTS,
        stream([event(at(1)), 0.3]),
        stream([event(at(2)), 0.3, drop]),
        stream([event(at(3)), 0.3, event(evaluation(), "end")]),
    )
    server.on("GET", EVALUATION, at(1), at(2), evaluation())
    found, counts = await wait()
    assert found.is_success
    assert counts == [1, 1, 2, 2, 3, None]


@pytest.mark.parametrize(
    "parts",
    [[], [b"data: no JSON\n\n"], [b"data: {}\n\n"], [b"retry: 1\n\n", "drop"], [b"event: progress\n\n"]],
)
async def test_without_events_it_is_asked_as_ever(server, stream, evaluation, at, wait, drop, parts):
    server.on("GET", EVENTS, stream([drop if part == "drop" else part for part in parts]))
    server.on("GET", EVALUATION, at(1), evaluation())
    found, counts = await wait(interval_seconds=0.05)
    assert found.is_success
    assert counts == [1, None]
    assert len(server.asked("GET", EVENTS)) == 1


@pytest.mark.parametrize("status", [404, 405, 406, 500, 503])
async def test_a_server_without_streams_is_asked_as_ever(server, evaluation, at, wait, reply, status):
    server.on("GET", EVENTS, reply(status, {"error": {"message": "no"}}))
    server.on("GET", EVALUATION, at(1), evaluation())
    found, counts = await wait(interval_seconds=0.05)
    assert found.is_success
    assert counts == [1, None]
    assert len(server.asked("GET", EVENTS)) == 1


async def test_a_page_is_no_stream(server, evaluation, wait, reply):
    server.on("GET", EVENTS, reply(200, text="<html>"))
    server.on("GET", EVALUATION, evaluation())
    assert (await wait())[0].is_success


async def test_a_proxy_that_keeps_events_back_is_given_up(server, stream, at, evaluation, wait, monkeypatch):
    monkeypatch.setattr("layerlens._async.resources.evaluations.SILENCE_MAX_SECONDS", 0.2)
    monkeypatch.setattr("layerlens._sync.resources.evaluations.SILENCE_MAX_SECONDS", 0.2)
    server.on("GET", EVENTS, stream([b"retry: 1\n\n", 5.0]))
    server.on("GET", EVALUATION, at(1), evaluation())
    began = time.monotonic()
    found, counts = await wait(interval_seconds=0.25)
    assert found.is_success
    assert counts == [1, None]
    assert time.monotonic() - began < 3


async def test_the_time_can_run_out_while_paused(server, stream, evaluation, wait):
    paused = evaluation(status="paused")
    server.on("GET", EVENTS, stream([event(paused), 1.1]))
    server.on("GET", EVALUATION, paused)
    began = time.monotonic()
    found, _ = await wait(timeout_seconds=1.1)
    assert 1 <= time.monotonic() - began < 2.5
    assert found.status == "paused"
    assert len(server.asked("GET", EVENTS)) == 1


async def test_an_error_of_the_listener_is_the_callers(server, stream, at, run):
    server.on("GET", EVENTS, stream([event(at(1)), 5.0]))

    def listen(_one):
        raise httpx.ReadError("of the caller")

    with pytest.raises(httpx.ReadError, match="of the caller"):
        await run(lambda c: c.evaluations.wait_for_completion("eval-1", on_progress=listen))


async def test_waiting_survives_a_restart_of_the_server(run, server, evaluation, drop, reply, monkeypatch):
    monkeypatch.setattr(_waiting, "FIRST_PAUSE_SECONDS", 0.05)
    away = [drop, drop, reply(500, {}), drop]
    server.on("GET", "/evaluations/eval-1", evaluation(status="in-progress"), *away, evaluation())

    def wait(client):
        return client.with_options(max_retries=0).evaluations.wait_for_completion("eval-1", 0.05)

    assert (await run(wait)).is_success
    server.on("GET", "/evaluations/eval-1", evaluation(status="in-progress"), drop)
    monkeypatch.setattr(_waiting, "OUTAGE_MAX_SECONDS", 0.1)
    with pytest.raises(APIConnectionError):
        await run(wait)


async def test_waiting_for_a_scoring_survives_a_restart_of_the_server(run, server, drop, reply, monkeypatch):
    monkeypatch.setattr(_waiting, "FIRST_PAUSE_SECONDS", 0.05)
    under_way = {"id": "s-1", "evaluation_id": "eval-1", "status": "in-progress", "created_at": 1.0}
    under_way |= {"scorer": {"name": "numeric"}, "progress": {"total": 9, "done": 3}}
    path = "/evaluations/eval-1/scorings/s-1"
    server.on("POST", "/evaluations/eval-1/rescore", under_way)
    server.on("GET", path, drop, under_way, reply(500, {}), {**under_way, "status": "success"})

    def rescore(client):
        return client.with_options(max_retries=0).evaluations.rescore("eval-1")

    assert (await run(rescore)).is_success
    held = [one.query.get("wait") for one in server.asked("GET", path)]
    assert held == ["10.000", None, "10.000", None], "What stands is asked for at once after an outage"


async def test_waiting_for_a_smart_benchmark_survives_a_restart_of_the_server(
    run, server, project, drop, monkeypatch
):
    monkeypatch.setattr(_waiting, "FIRST_PAUSE_SECONDS", 0.05)
    benchmark = {"id": "b-1", "key": "b", "name": "B", "organization_id": "org-1", "status": "generating"}
    ready = {**benchmark, "status": "ready"}
    server.on("GET", f"{project}/benchmarks/b-1", {"data": benchmark}, drop, {"data": ready})

    def wait(client):
        return client.with_options(max_retries=0).benchmarks.wait_for_completion("b-1", 0.05)

    assert (await run(wait)).is_ready


async def test_a_server_that_never_answered_is_not_waited_for(run, server, drop):
    server.on("GET", "/evaluations/eval-1", drop)
    with pytest.raises(APIConnectionError):
        await run(lambda c: c.evaluations.wait_for_completion("eval-1"))
    assert len(server.asked("GET", "/evaluations/eval-1")) == 3


def test_events_are_read_however_they_are_cut() -> None:
    text = (
        b": hello\r\nevent: progress\r\ndata: {\r\ndata:  1}\r\n\r\n"
        b"id: 3\n\nevent: end\ndata\n\ndata: last\n\ndata: cut off\n"
    )
    expected = [Event("progress", b"{\n 1}"), Event("end", b""), Event("message", b"last")]
    for size in (1, 2, 3, 7, len(text)):
        reader = EventReader()
        found = [one for at in range(0, len(text), size) for one in reader.feed(text[at : at + size])]
        assert found == expected
