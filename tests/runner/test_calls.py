from __future__ import annotations

import asyncio
import contextlib
import time

import pytest
from tests.support.provider import Reply, ScriptedProvider

from stratix.providers.base import Completion, ProviderError
from stratix.providers.openai import OpenAIProvider
from stratix.runner.calls import Patience, Unwanted, ask
from stratix.runner.limits import Limiter


def attempts_of(most: int) -> Patience:
    return Patience(attempts=most)


def body(text: str) -> dict:
    return {"model": "m", "messages": [{"role": "user", "content": text}]}


@contextlib.asynccontextmanager
async def endpoint(script):
    with ScriptedProvider(script) as server:
        provider = OpenAIProvider(server.url, None, 5.0)
        try:
            yield server, provider
        finally:
            await provider.close()


async def test_what_may_pass_is_asked_again():
    async with endpoint(lambda _, times: Reply(status=503) if times < 3 else Reply("yes")) as (
        server,
        provider,
    ):
        answer, attempts = await ask(provider, body("q"), Limiter(4).line(), attempts_of(4), lambda: True)
    assert isinstance(answer, Completion)
    assert (answer.text, attempts, server.asked["q"]) == ("yes", 3, 3)


async def test_what_will_not_pass_is_asked_once():
    async with endpoint(lambda *_: Reply("no such model", status=404)) as (server, provider):
        answer, attempts = await ask(provider, body("q"), Limiter(4).line(), attempts_of(4), lambda: True)
    assert isinstance(answer, ProviderError)
    assert (attempts, server.asked["q"]) == (1, 1)


async def test_attempts_have_an_end():
    async with endpoint(lambda *_: Reply(status=500)) as (server, provider):
        answer, attempts = await ask(provider, body("q"), Limiter(4).line(), attempts_of(2), lambda: True)
    assert isinstance(answer, ProviderError)
    assert (attempts, server.asked["q"]) == (2, 2)


async def test_retry_after_holds_for_everybody_who_waits():
    times: dict[str, float] = {}

    def script(asked: str, count: int) -> Reply:
        times[f"{asked}{count}"] = time.monotonic()
        return Reply(status=429, headers={"retry-after": "1"}) if asked == "a" and count == 1 else Reply()

    async with endpoint(script) as (_, provider):
        limiter = Limiter(1)
        first = asyncio.create_task(ask(provider, body("a"), limiter.line(), attempts_of(2), lambda: True))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(ask(provider, body("b"), limiter.line(), attempts_of(2), lambda: True))
        await asyncio.gather(first, second)
    assert times["b1"] - times["a1"] >= 0.99
    assert times["a2"] - times["a1"] >= 0.99


async def test_no_more_are_in_flight_than_allowed():
    async with endpoint(lambda *_: Reply(delay=0.02)) as (server, provider):
        limiter = Limiter(5)
        own = limiter.line(most=3)
        await asyncio.gather(
            *(ask(provider, body(str(n)), limiter.line(), attempts_of(1), lambda: True) for n in range(20))
        )
        assert server.most_in_flight == 5
        server.most_in_flight = 0
        await asyncio.gather(
            *(ask(provider, body(str(n)), own, attempts_of(1), lambda: True) for n in range(20))
        )
        assert server.most_in_flight == 3


async def test_nothing_is_sent_once_the_evaluation_has_moved_on():
    async with endpoint(lambda *_: Reply()) as (server, provider):
        with pytest.raises(Unwanted):
            await ask(provider, body("q"), Limiter(1).line(), attempts_of(3), lambda: False)
    assert not server.requests


async def test_a_refusal_among_many_answers_holds_for_that_prompt_alone():
    def script(asked: str, count: int) -> Reply:
        return Reply(status=429, headers={"retry-after": "1"}) if asked == "20" and count == 1 else Reply()

    async with endpoint(script) as (server, provider):
        limiter = Limiter(1)
        for number in range(20):
            await ask(provider, body(str(number)), limiter.line(), attempts_of(2), lambda: True)
        started = time.monotonic()
        refused = asyncio.create_task(ask(provider, body("20"), limiter.line(), attempts_of(2), lambda: True))
        await asyncio.sleep(0.1)
        await ask(provider, body("21"), limiter.line(), attempts_of(2), lambda: True)
        assert time.monotonic() - started < 0.5
        answer, attempts = await refused
        assert time.monotonic() - started >= 0.99
    assert isinstance(answer, Completion)
    assert (attempts, server.asked["20"]) == (2, 2)
