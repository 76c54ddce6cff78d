"""The results of evaluations: a page, all of them, and lists that move."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from layerlens import IncompletePagesError, NotFoundError, Stratix, StratixError
from layerlens.models import Evaluation


def pages_of(rows, total=None):
    """Answer pages of results."""

    def answer(seen):
        size = int(seen.query.get("page_size", 100))
        start = (int(seen.query.get("page", 1)) - 1) * size
        metrics = {"total_count": len(rows) if total is None else total, "more": {"is": "fine"}}
        return {"evaluation_id": "eval-1", "results": rows[start : start + size], "metrics": metrics}

    return answer


async def test_a_page_of_results(run, server, evaluation, result):
    rows = [result(number, duration=number, metrics={"readability": 0.5, "x": None}) for number in range(7)]
    server.on("GET", "/results", pages_of(rows))
    one = Evaluation.model_validate(evaluation())
    found = await run(lambda c: c.results.get(evaluation=one, page=2, page_size=3))
    assert [row.prompt for row in found.results] == ["prompt 3", "prompt 4", "prompt 5"]
    assert [row.duration.total_seconds() for row in found.results] == [3, 4, 5]
    assert found.results[0].metrics == {"readability": 0.5, "x": None}
    assert found.pagination.model_dump() == {
        "page": 2,
        "page_size": 3,
        "total_pages": 3,
        "total_count": 7,
    }
    with pytest.raises(ValueError, match="page_size must be 1 to 500"):
        await run(lambda c: c.results.get_by_id(evaluation_id="eval-1", page_size=501))


async def test_which_results_are_meant(run, server, evaluation):
    server.on("GET", "/results", pages_of([]))
    one = Evaluation.model_validate(evaluation())
    await run(lambda c: c.results.get(evaluation=one, outcome=["failed", "empty"], cached=True, subset=None))
    (seen,) = server.requests
    assert seen.query == {"evaluation_id": "eval-1", "outcome": "failed,empty", "cached": "true"}
    with pytest.raises(TypeError, match="unexpected keyword argument 'outcomes': there are outcome, subset"):
        await run(lambda c: c.results.get(evaluation=one, outcomes="failed"))
    signature = str(inspect.signature(Stratix(api_key="k").results.get))
    assert "outcome: collections.abc.Sequence[str] | str | None = None" in signature
    assert "view" not in signature


@pytest.mark.parametrize("count", [0, 1, 500, 501, 4203])
async def test_all_results_come_in_order_and_complete(run, server, evaluation, result, count):
    server.on("GET", "/results", pages_of([result(number) for number in range(count)]))
    one = Evaluation.model_validate(evaluation())
    found = await run(lambda c: c.results.get_all(evaluation=one))
    assert [row.result_id for row in found] == [f"r-{number}" for number in range(count)]
    assert {seen.query["page_size"] for seen in server.requests} == {"500"}
    assert len(server.requests) == max(1, -(-count // 500))


async def test_pages_are_fetched_several_at_once_but_not_all(run, server, result):
    answer = pages_of([result(number, result_id=None) for number in range(7000)])
    at_once, most = 0, 0

    async def slowly(seen):
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.05)
        at_once -= 1
        return answer(seen)

    server.on("GET", "/results", slowly)
    found = await run(lambda c: c.results.get_all_by_id(evaluation_id="eval-1"))
    assert [row.prompt for row in found] == [f"prompt {number}" for number in range(7000)]
    assert 2 <= most <= 6


async def test_rows_that_arrive_meanwhile_lose_none(run, server, result):
    rows = [result(number) for number in range(0, 2400, 2)]
    answer = pages_of(rows)
    asked = 0

    def growing(seen):
        nonlocal asked
        asked += 1
        page = answer(seen)
        if asked <= 4:
            # New rows come before old ones, which pushes those to later pages.
            rows.insert(asked * 10, result(10_000 + asked))
        return page

    server.on("GET", "/results", growing)
    found = await run(lambda c: c.results.get_all_by_id(evaluation_id="eval-1"))
    ids = [row.result_id for row in found]
    assert len(ids) == len(set(ids))
    assert {f"r-{number}" for number in range(0, 2400, 2)} <= set(ids)
    old = [int(name[2:]) for name in ids if int(name[2:]) < 10_000]
    assert old == sorted(old)


async def test_pages_that_hold_too_little_are_an_error(run, server, result):
    server.on("GET", "/results", pages_of([result(number) for number in range(700)], total=1200))
    with pytest.raises(IncompletePagesError, match="1200 rows, but its pages hold 700"):
        await run(lambda c: c.results.get_all_by_id(evaluation_id="eval-1"))


async def test_all_results_of_an_unknown_evaluation_are_an_error(run, server):
    with pytest.raises(NotFoundError):
        await run(lambda c: c.results.get_all_by_id(evaluation_id="eval-0"))


async def test_a_failing_page_fails_the_whole(run, server, result, reply):
    answer = pages_of([result(number) for number in range(5000)])
    lost = reply(400, {"error": {"message": "page is lost"}})
    server.on("GET", "/results", lambda seen: lost if seen.query["page"] == "4" else answer(seen))
    with pytest.raises(StratixError, match="page is lost"):
        await run(lambda c: c.results.get_all_by_id(evaluation_id="eval-1"))


async def test_one_result_in_full(run, server, result):
    detail = {**result(3), "evaluation_id": "eval-1", "request": '{"model":"m"}', "response": "\x1b[31mraw"}
    server.on("GET", "/results/eval-1:0:3", detail)
    found = await run(lambda c: c.results.get_one("eval-1:0:3"))
    assert (found.prompt, found.evaluation_id) == ("prompt 3", "eval-1")
    assert (found.request, found.response) == ('{"model":"m"}', "\x1b[31mraw")
    assert await run(lambda c: c.results.get_one("eval-1:0:4")) is None
    with pytest.raises(ValueError, match="is no id"):
        await run(lambda c: c.results.get_one(""))
