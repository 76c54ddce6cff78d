"""What an evaluation has taken so far: each answer counted once, and at the end what the rows say."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from dataclasses import replace

from tests.engine.test_crashes import workers
from tests.spending.world import READ, WRITTEN, answer
from tests.support.provider import Reply
from tests.support.workers import wait_until

from layerlens.models import Evaluation, EvaluationTokens
from stratix.storage import evaluations, spending
from stratix.storage.database import Database
from stratix.storage.spending import Spent

EACH = READ * 0.000002 + WRITTEN * 0.00001


def counted(world, evaluation: Evaluation) -> tuple[Spent, Spent]:
    """Return what was counted as results were stored, and what their rows come to."""

    async def read() -> tuple[Spent, Spent]:
        url = world.platform.environment["STRATIX_DATABASE_URL"]
        database = Database(url or f"sqlite:///{world.platform.folder / 'data' / 'stratix.db'}")
        try:
            async with database.read() as connection:
                if not database.is_sqlite:  # There, each statement would see a moment of its own.
                    await connection.execution_options(isolation_level="REPEATABLE READ")
                row = await evaluations.get(connection, evaluation.id)
                return Spent.load(row.spent or {}), await spending.spent(connection, evaluation.id)
        finally:
            await database.close()

    return asyncio.run(read())


def check(world, evaluation: Evaluation) -> None:
    """See that the running counts, the rows, the results and the final figures say the same."""
    live, rows = counted(world, evaluation)
    assert live == rows
    assert (EvaluationTokens(**live.tokens), live.cost) == (evaluation.tokens, evaluation.cost)
    found = world.client.results.get_all(evaluation=evaluation)
    assert live.results == len(found)
    assert live.cached == sum(result.cached for result in found)
    assert live.tokens["input"] == sum(result.tokens_input or 0 for result in found)
    assert live.tokens["output"] == sum(result.tokens_output or 0 for result in found)
    assert live.picos == sum(round(result.cost * 10**12) for result in found)


def follow(world, evaluation: Evaluation) -> list[Evaluation]:
    """Return all that is told of an evaluation until it ends."""
    told: list[Evaluation] = []
    world.client.evaluations.wait_for_completion(evaluation, timeout_seconds=60, on_progress=told.append)
    return told


def test_each_event_says_what_the_answers_so_far_took(world):
    world.provider.script = lambda asked, times: replace(answer(asked, times), delay=0.2)
    evaluation = world.client.evaluations.create(world.model(), world.benchmark(60), concurrency=8)
    told = follow(world, evaluation)
    assert len({state.progress.done for state in told} - {0, 60}) > 1
    for state in told:
        done = state.progress.done
        if done:
            assert (state.tokens.input, state.tokens.output) == (done * READ, done * WRITTEN)
            assert state.cost == round(done * EACH * 10**12) / 10**12
        else:
            assert (state.tokens, state.cost) == (None, None)
    check(world, told[-1])


def test_without_a_price_tokens_alone_are_told(world):
    model = world.model(cost_per_input_token=None, cost_per_output_token=None)
    done = world.run(model, world.benchmark(3))
    assert (done.tokens.input, done.cost) == (3 * READ, None)
    live, rows = counted(world, done)
    assert live == rows


def test_a_retry_goes_on_counting_and_ends_with_both(world):
    def cut_off(asked: str, times: int) -> Reply:
        reply = replace(answer(asked, times), delay=0.1)
        return replace(reply, finish_reason="length") if times == 1 and asked.endswith(("1", "2")) else reply

    world.provider.script = cut_off
    first = world.run(world.model(), world.benchmark(30))
    assert first.outcomes["truncated"] == 6
    check(world, first)
    world.client.evaluations.retry(first, outcomes=["truncated"])
    told = follow(world, first)
    spent = [state.tokens.input for state in told]
    # What was paid stays counted while it is asked for again.
    assert spent == sorted(spent)
    assert (spent[0], spent[-1]) == (30 * READ, 36 * READ)
    assert told[-1].outcomes == {"correct": 30}
    check(world, told[-1])
    # A retry that is cancelled brings back what there was.
    world.provider.script = lambda asked, times: replace(answer(asked, times), delay=5)
    world.client.evaluations.retry(first, outcomes=["correct"])
    cancelled = world.cancel(first)
    assert (cancelled.progress.done, cancelled.tokens.input) == (30, 36 * READ)
    check(world, cancelled)


def test_answers_of_the_cache_cost_nothing(world):
    model, benchmark = world.model(), world.benchmark(12)
    for limit, cached in ((5, 0), (None, 5), (None, 12)):
        done = world.run(model, benchmark, cache=True, limit=limit)
        assert counted(world, done)[0].cached == cached
        check(world, done)
    assert (done.cost, done.tokens.output) == (0, 12 * WRITTEN)


def test_a_scoring_changes_nothing_of_it(world):
    done = world.run(world.model(), world.benchmark(8))
    scoring = world.client.evaluations.rescore(done, scorer="includes")
    assert scoring.status == "success"
    shown = world.client.evaluations.apply_scoring(scoring)
    assert shown.shown_scoring_id == scoring.id
    assert (shown.tokens, shown.cost) == (done.tokens, done.cost)
    check(world, shown)


def test_workers_that_are_killed_leave_nothing_out_and_nothing_twice(world):
    before = world.calls()
    evaluation = world.client.evaluations.create(world.model(), world.benchmark(400), concurrency=16)
    for calls in (60, 200):
        wait_until(lambda calls=calls: world.calls(before) >= calls)
        os.kill(workers(world.platform)[calls % 2], signal.SIGKILL)
        time.sleep(0.3)
        live, rows = counted(world, evaluation)
        assert (live.results, live.tokens_input) == (rows.results, rows.results * READ)
        assert live == rows
    done = world.rest(evaluation)
    assert done.outcomes == {"correct": 400}
    assert done.tokens.input == 400 * READ
    check(world, done)
