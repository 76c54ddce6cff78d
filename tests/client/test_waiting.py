"""Waiting for an evaluation: its end, its progress, its time, and a server that is away."""

from __future__ import annotations

import asyncio
import time

import pytest

from layerlens.models import Evaluation, EvaluationStatus


def held_until(finished: asyncio.Event, running, final):
    """Answer as a server with long polls does."""

    async def answer(seen):
        try:
            await asyncio.wait_for(finished.wait(), float(seen.query.get("wait", 0)))
        except TimeoutError:
            return running
        return final

    return answer


@pytest.mark.parametrize("status", ["success", "failure", "timeout", "cancelled"])
async def test_the_end_is_learnt_within_a_second_however_long_the_interval(run, server, evaluation, status):
    finished = asyncio.Event()
    final = evaluation(status=status)
    server.on("GET", "/evaluations/eval-1", held_until(finished, evaluation(status="in-progress"), final))
    server._loop.call_soon_threadsafe(server._loop.call_later, 0.4, finished.set)
    progress = []
    begun = time.monotonic()
    latest = await run(
        lambda c: c.evaluations.wait_for_completion(
            Evaluation.model_validate(evaluation(status="pending")),
            interval_seconds=30,
            on_progress=progress.append,
        )
    )
    assert 0.3 < time.monotonic() - begun < 15
    assert latest.status == status
    assert latest.is_finished
    assert latest.is_success == (status == "success")
    assert [one.status for one in progress] == [status]
    assert len(server.asked("GET", "/evaluations/eval-1")) == 1


async def test_a_server_without_long_polls_is_asked_seldom_and_early(run, server, evaluation):
    begun = time.monotonic()
    server.on("GET", "/evaluations/eval-1", evaluation(status="in-progress"), evaluation(status="success"))
    latest = await run(lambda c: c.evaluations.wait_for_completion("eval-1", interval_seconds=30))
    assert latest.is_success
    assert time.monotonic() - begun < 15
    assert len(server.asked("GET", "/evaluations/eval-1")) == 2


async def test_progress_is_told_after_each_answer(run, server, evaluation):
    counts = [
        evaluation(status="in-progress", progress={"total": 3, "done": done, "per_second": 1})
        for done in (1, 2)
    ]
    server.on("GET", "/evaluations/eval-1", *counts, evaluation())
    seen = []

    async def listen(one):
        seen.append(one.progress and one.progress.done)

    listener = listen if run.is_async else lambda one: seen.append(one.progress and one.progress.done)
    await run(
        lambda c: c.evaluations.wait_for_completion("eval-1", interval_seconds=0.05, on_progress=listener)
    )
    assert seen == [1, 2, None]


async def test_paused_is_not_finished_and_the_time_can_run_out(run, server, evaluation):
    never = asyncio.Event()
    paused = evaluation(status="paused")
    server.on("GET", "/evaluations/eval-1", held_until(never, paused, None))
    begun = time.monotonic()
    latest = await run(lambda c: c.evaluations.wait_for_completion("eval-1", timeout_seconds=0.5))
    assert 0.4 < time.monotonic() - begun < 2
    assert latest.status is EvaluationStatus.PAUSED
    assert not latest.is_finished
    asked = [float(seen.query["wait"]) for seen in server.requests]
    assert all(wait <= 0.5 for wait in asked)
    assert len(asked) <= 2


async def test_waiting_zero_seconds_asks_once(run, server, evaluation):
    server.on("GET", "/evaluations/eval-1", evaluation(status="pending"))
    assert (
        await run(lambda c: c.evaluations.wait_for_completion("eval-1", timeout_seconds=0))
    ).id == "eval-1"
    assert [seen.query for seen in server.requests] == [{}]


async def test_a_held_answer_does_not_run_into_the_clients_timeout(run, server, evaluation):
    finished = asyncio.Event()
    server.on("GET", "/evaluations/eval-1", held_until(finished, None, evaluation()))
    server._loop.call_soon_threadsafe(server._loop.call_later, 0.6, finished.set)
    latest = await run(
        lambda c: c.with_options(timeout=0.3).evaluations.wait_for_completion("eval-1", timeout_seconds=5)
    )
    assert latest.is_success


async def test_waiting_survives_a_dropped_connection(run, server, evaluation, drop, reply):
    server.on(
        "GET", "/evaluations/eval-1", drop, reply(503, {"error": {"message": "starting"}}), evaluation()
    )
    assert (await run(lambda c: c.evaluations.wait_for_completion("eval-1"))).is_success


@pytest.mark.parametrize(
    "wrong",
    [
        {"interval_seconds": 0},
        {"interval_seconds": "10"},
        {"interval_seconds": True},
        {"timeout_seconds": -1},
        {"timeout_seconds": "1"},
        {"timeout_seconds": float("nan")},
    ],
)
async def test_waiting_refuses_numbers_out_of_range(run, server, wrong):
    with pytest.raises(ValueError, match="must be"):
        await run(lambda c: c.evaluations.wait_for_completion("eval-1", **wrong))
