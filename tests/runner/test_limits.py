"""The limiter over real HTTP: what it sends to an endpoint that refuses, runs dry or bears little."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter

import pytest
from tests.support.provider import Reply, ScriptedProvider

from stratix.providers.base import Completion, ProviderError
from stratix.providers.openai import OpenAIProvider
from stratix.runner.calls import Patience, Unwanted, ask
from stratix.runner.limits import Limiter, Line


class Endpoint:
    """An endpoint, and the times at which it was asked what."""

    def __init__(self, script) -> None:
        self.script = script
        self.times: list[tuple[float, str]] = []

    def __enter__(self) -> Endpoint:
        def noted(asked: str, count: int) -> Reply:
            self.times.append((time.monotonic(), asked))
            return self.script(asked, count)

        self.server = ScriptedProvider(noted).__enter__()
        self.provider = OpenAIProvider(self.server.url, None, 10.0)
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    async def ask(self, line: Line, name: str, patience: Patience | None = None, rank: int = 0):
        body = {"model": "m", "messages": [{"role": "user", "content": name}]}
        return await ask(self.provider, body, line, patience or Patience(), lambda: True, rank)

    async def ask_all(self, line: Line, names, patience: Patience | None = None) -> list:
        return await asyncio.gather(
            *(self.ask(line, name, patience, rank) for rank, name in enumerate(names))
        )

    def asked(self, name: str) -> list[float]:
        return [moment for moment, asked in self.times if asked == name]


@pytest.fixture
async def endpoint():
    with contextlib.ExitStack() as stack:
        opened = []

        def start(script) -> Endpoint:
            opened.append(stack.enter_context(Endpoint(script)))
            return opened[-1]

        yield start
        for each in opened:
            await each.provider.close()


def numbers(count: int) -> list[str]:
    return [str(number) for number in range(count)]


def all_answered(answers) -> bool:
    return all(isinstance(answer, Completion) for answer, _ in answers)


async def test_nothing_is_asked_again_before_its_retry_after(endpoint):
    waits = {name: 150 + 40 * (int(name) % 8) for name in numbers(60) if int(name) % 3 == 0}

    def script(asked: str, count: int) -> Reply:
        if asked in waits and count < 3:
            return Reply(status=429, headers={"retry-after-ms": str(waits[asked])})
        return Reply(delay=0.01)

    asked = endpoint(script)
    assert all_answered(await asked.ask_all(Limiter(16).line(), numbers(60)))
    for name, wait in waits.items():
        first, second, third = asked.asked(name)
        assert second - first >= wait / 1000
        assert third - second >= wait / 1000


async def test_single_refusals_among_answers_slow_nobody_else(endpoint):
    def script(asked: str, count: int) -> Reply:
        if int(asked) % 20 < 1 and count == 1:
            return Reply(status=429, headers={"retry-after": "1"})
        return Reply(delay=0.02)

    asked, limiter = endpoint(script), Limiter(32)
    started = time.monotonic()
    assert all_answered(await asked.ask_all(limiter.line(), numbers(600)))
    assert time.monotonic() - started < 2.5
    assert limiter.level.places == 32


async def test_refusals_of_the_first_prompts_do_not_close_an_endpoint_that_answers(endpoint):
    def script(asked: str, count: int) -> Reply:
        return Reply(status=429, headers={"retry-after": "2"}) if asked in "01" and count == 1 else Reply()

    asked, limiter = endpoint(script), Limiter(16)
    others = asyncio.gather(*(asked.ask(limiter.line(), name) for name in numbers(40)[2:]))
    refused = asyncio.gather(*(asked.ask(limiter.line(), name) for name in "01"))
    started = time.monotonic()
    await others
    assert time.monotonic() - started < 1
    assert all_answered(await refused)


async def test_when_everybody_is_refused_everybody_waits(endpoint):
    opens = [0.0]

    def script(_asked: str, _count: int) -> Reply:
        opens[0] = opens[0] or time.monotonic() + 1.0
        if time.monotonic() < opens[0]:
            return Reply(status=429, headers={"retry-after": "1"})
        return Reply(delay=0.005)

    asked, limiter = endpoint(script), Limiter(16)
    assert all_answered(await asked.ask_all(limiter.line(), numbers(100)))
    early = [moment for moment, _ in asked.times if moment < opens[0]]
    assert len(early) <= 16  # What was in flight when the first refusal came.
    assert limiter.level.places > 8  # It has come back.


@pytest.mark.parametrize(
    "headers",
    [
        {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "600ms"},
        {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "0.6s"},
        {"ratelimit-remaining": "0", "ratelimit-reset": "0.6"},
    ],
)
async def test_when_a_limit_is_used_up_nobody_asks_before_its_reset(endpoint, headers):
    asked = endpoint(lambda name, _: Reply(headers=headers if name == "4" else {}))
    limiter = Limiter(2)
    await asked.ask_all(limiter.line(), numbers(5))
    ended = time.monotonic()
    other = limiter.line()
    await asyncio.gather(asked.ask(other, "a"), asked.ask(other, "b"))
    assert min(asked.asked("a") + asked.asked("b")) - ended >= 0.59


async def test_it_finds_out_what_an_endpoint_bears(endpoint):
    bears, refused = 8, Counter()

    def script(asked: str, _count: int) -> Reply:
        if here.server.in_flight >= bears:
            refused[asked] += 1
            return Reply(status=429)
        return Reply(delay=0.03)

    here, limiter = endpoint(script), Limiter(64)
    started = time.monotonic()
    answers = await here.ask_all(limiter.line(), numbers(600))
    took = time.monotonic() - started
    assert all_answered(answers)
    assert limiter.level.places <= 2 * bears
    assert refused.total() < 0.3 * len(answers)  # Half of them at first, from 64 at once down to 8.
    assert took < 4 * len(answers) * 0.03 / bears


async def test_an_overload_halves_once_for_each_round_trip(endpoint):
    asked, limiter = endpoint(lambda _asked, count: Reply(status=529, delay=0.05)), Limiter(64)
    task = asyncio.create_task(asked.ask_all(limiter.line(), numbers(64), Patience(attempts=1)))
    await asyncio.sleep(0.2)
    assert limiter.level.places == 32
    await task


async def test_what_broke_does_not_mean_that_it_is_too_much(endpoint):
    asked, limiter = endpoint(lambda *_: Reply(status=500)), Limiter(16)
    await asked.ask_all(limiter.line(), numbers(30), Patience(attempts=1))
    assert limiter.level.places == 16


async def test_answers_that_do_not_come_in_time_do(endpoint):
    asked, limiter = endpoint(lambda *_: Reply(delay=5)), Limiter(16)
    asked.provider = OpenAIProvider(asked.server.url, None, 0.2)
    await asked.ask_all(limiter.line(), numbers(16), Patience(attempts=1))
    assert limiter.level.places <= 8


async def test_a_small_evaluation_does_not_wait_behind_a_large_one(endpoint):
    asked, limiter = endpoint(lambda *_: Reply(delay=0.01)), Limiter(4)
    large, small = limiter.line(), limiter.line()
    first = asyncio.create_task(asked.ask_all(large, [f"large {n}" for n in range(300)]))
    await asyncio.sleep(0.05)
    before = len(asked.times)
    await asked.ask_all(small, [f"small {n}" for n in range(20)])
    between = [name for _, name in asked.times[before:]]
    last = max(index for index, name in enumerate(between) if name.startswith("small"))
    assert last <= 2 * 20 + 8
    await first


async def test_the_lower_priority_number_goes_first_and_the_other_does_not_starve(endpoint):
    asked, limiter = endpoint(lambda *_: Reply(delay=0.005)), Limiter(4)
    lines = {"urgent": limiter.line(-1), "plain": limiter.line(0), "idle": limiter.line(7)}
    await asyncio.gather(
        *(asked.ask_all(line, [f"{name} {n}" for n in range(100)]) for name, line in reversed(lines.items()))
    )
    order = [name.split()[0] for _, name in asked.times]
    first = Counter(order[10:100])
    assert 75 <= first["urgent"] <= 85
    assert first["plain"] + first["idle"] >= 5
    assert order[-20:].count("idle") >= 15


async def test_prompts_go_out_in_the_order_of_their_rank(endpoint):
    asked, limiter = endpoint(lambda *_: Reply(delay=0.001)), Limiter(1)
    line = limiter.line()
    await line.enter()
    tasks = [asyncio.create_task(asked.ask(line, str(rank), rank=rank)) for rank in (3, 0, 2, 1)]
    await asyncio.sleep(0.01)
    line.leave()
    await asyncio.gather(*tasks)
    assert [name for _, name in asked.times] == ["0", "1", "2", "3"]


async def test_requests_a_minute_are_kept_and_spread(endpoint):
    asked, limiter = endpoint(lambda *_: Reply()), Limiter(16)
    line = limiter.line(rate=limiter.rate("m", 1200, None))  # Twenty a second.
    await asked.ask_all(line, numbers(31))
    times = sorted(moment for moment, _ in asked.times)
    assert 1.4 <= times[-1] - times[0] < 2.5
    assert all(later - earlier >= 0.4 for earlier, later in zip(times, times[10:], strict=False))


async def test_tokens_a_minute_are_kept_by_what_was_used(endpoint):
    usage = {"prompt_tokens": 100, "completion_tokens": 400, "total_tokens": 500}
    asked, limiter = endpoint(lambda *_: Reply(usage=usage)), Limiter(4)
    line = limiter.line(rate=limiter.rate("m", None, 300_000))  # Ten of these a second.
    await asked.ask_all(line, numbers(16))
    times = sorted(moment for moment, _ in asked.times)
    assert 0.9 <= times[-1] - times[0] < 2.5


async def test_a_limit_of_one_model_does_not_hold_up_another(endpoint):
    asked, limiter = endpoint(lambda *_: Reply()), Limiter(4)
    slow = asyncio.create_task(asked.ask_all(limiter.line(rate=limiter.rate("slow", 60, None)), ["a", "b"]))
    await asyncio.sleep(0.02)
    started = time.monotonic()
    await asked.ask_all(limiter.line(), numbers(20))
    assert time.monotonic() - started < 0.5
    slow.cancel()


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
async def test_what_may_pass_is_asked_again(endpoint, status):
    asked = endpoint(lambda _, count: Reply(status=status) if count < 3 else Reply("at last"))
    answer, attempts = await asked.ask(Limiter(4).line(), "q")
    assert (answer.text, attempts) == ("at last", 3)


@pytest.mark.parametrize(
    "reply", [Reply(drop=True), Reply(body=b'{"choices": [{"mess'), Reply(body=b"<html>busy</html>")]
)
async def test_lost_and_spoilt_answers_are_asked_for_again(endpoint, reply):
    asked = endpoint(lambda _, count: reply if count == 1 else Reply("whole"))
    answer, attempts = await asked.ask(Limiter(4).line(), "q")
    assert (answer.text, attempts) == ("whole", 2)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_what_will_not_pass_fails_at_once_with_the_providers_words(endpoint, status):
    asked = endpoint(lambda *_: Reply("it says no", status=status))
    answer, attempts = await asked.ask(Limiter(4).line(), "q")
    assert attempts == 1
    assert "it says no" in answer.message


async def test_three_denials_in_a_row_close_a_line(endpoint):
    asked = endpoint(lambda name, _: Reply() if name == "good" else Reply("who are you?", status=401))
    line = Limiter(1).line()
    for name in ("bad", "bad", "good", "bad", "bad"):
        await asked.ask(line, name)
    assert line.denied is None
    await asked.ask(line, "bad")
    assert "who are you?" in line.denied.message
    with pytest.raises(Unwanted):
        await asked.ask(line, "good")
    assert len(asked.times) == 6


async def test_a_line_that_closes_keeps_nobody_waiting(endpoint):
    asked, limiter = endpoint(lambda *_: Reply(status=500, headers={"retry-after": "30"})), Limiter(2)
    line = limiter.line()
    task = asyncio.create_task(asked.ask_all(line, numbers(2)))
    while line.in_flight or not asked.times:
        await asyncio.sleep(0.01)
    blocked = limiter.line()
    await blocked.enter()
    await blocked.enter()
    waiting = asyncio.create_task(asked.ask(line, "late"))
    await asyncio.sleep(0.02)
    line.close()
    for each in (task, waiting):
        with pytest.raises(Unwanted):
            await each
    assert limiter.waiting == 0


async def test_who_gives_up_waiting_leaves_no_trace(endpoint):
    asked, limiter = endpoint(lambda *_: Reply()), Limiter(1)
    line = limiter.line()
    await line.enter()
    waiting = [asyncio.create_task(line.enter()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    line.leave()  # Goes to the second, who is gone as well by the time it wakes.
    waiting[1].cancel()
    await asyncio.sleep(0.01)
    assert (limiter.in_flight, limiter.waiting) == (1, 0)
    line.leave()
    await asked.ask(line, "q")
    assert limiter.in_flight == 0


async def test_a_prompt_has_a_deadline_over_all_its_attempts(endpoint):
    asked = endpoint(lambda *_: Reply("busy", status=503))
    started = time.monotonic()
    answer, _ = await asked.ask(Limiter(4).line(), "q", Patience(attempts=20, seconds=0.7))
    assert time.monotonic() - started < 1.2
    assert isinstance(answer, ProviderError)
    assert "busy" in answer.message
    assert "STRATIX_PROMPT_TIMEOUT" in answer.message


async def test_a_retry_after_beyond_the_deadline_is_not_waited_for(endpoint):
    asked = endpoint(lambda *_: Reply("come tomorrow", status=429, headers={"retry-after": "86400"}))
    limiter = Limiter(4, patience=60.0)
    started = time.monotonic()
    answers = await asked.ask_all(limiter.line(), numbers(20), Patience(seconds=60.0))
    assert time.monotonic() - started < 2
    assert all("come tomorrow" in answer.message for answer, _ in answers)
    assert len(asked.times) <= 4


async def test_an_endpoint_that_refuses_everybody_fails_everybody_in_the_end(endpoint):
    asked, limiter = endpoint(lambda *_: Reply("out of order", status=503)), Limiter(4, patience=1.0)
    started = time.monotonic()
    answers = await asked.ask_all(limiter.line(), numbers(200), Patience(seconds=1.0))
    assert time.monotonic() - started < 6
    assert all("out of order" in answer.message for answer, _ in answers)
    assert len(asked.times) < 60
