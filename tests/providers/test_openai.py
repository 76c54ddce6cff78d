from __future__ import annotations

import email.utils
import time

import pytest
from tests.support.provider import Reply, ScriptedProvider

from stratix.providers.base import ProviderError
from stratix.providers.openai import OpenAIProvider

BODY = {"model": "m", "messages": [{"role": "user", "content": "q"}]}


async def ask(reply: Reply, *, api_key: str | None = "sk-secret-key", timeout: float = 5.0):
    with ScriptedProvider(lambda _asked, _times: reply) as server:
        provider = OpenAIProvider(server.url, api_key, timeout)
        try:
            return await provider.complete(BODY), server
        finally:
            await provider.close()


async def failure(reply: Reply, **options) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await ask(reply, **options)
    return caught.value


async def test_an_answer_comes_with_all_that_is_known_of_it():
    usage = {"prompt_tokens": 5, "completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 4}}
    completion, server = await ask(Reply("Paris", delay=0.05, usage=usage))
    assert (completion.text, completion.finish_reason, completion.refused) == ("Paris", "stop", False)
    assert (completion.tokens_input, completion.tokens_output, completion.tokens_reasoning) == (5, 9, 4)
    assert completion.request_id == "req-1"
    assert 50 <= completion.duration_ms < 2000
    assert '"Paris"' in completion.raw
    assert server.headers[0]["Authorization"] == "Bearer sk-secret-key"


async def test_without_a_key_none_is_sent():
    _, server = await ask(Reply(), api_key=None)
    assert "Authorization" not in server.headers[0]


@pytest.mark.parametrize(
    "reply",
    [Reply(message={"refusal": "I will not."}, text=None), Reply("x", finish_reason="content_filter")],
)
async def test_a_refusal_is_told(reply):
    completion, _ = await ask(reply)
    assert completion.refused


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504])
async def test_what_may_pass_is_retryable(status):
    error = await failure(Reply("slow down", status=status))
    assert error.retryable
    assert error.status == status
    assert "slow down" in error.message


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_what_will_not_pass_is_not(status):
    error = await failure(Reply("no", status=status))
    assert not error.retryable


async def test_a_redirect_is_not_followed_with_the_key():
    error = await failure(Reply(status=307, headers={"location": "http://127.0.0.1:1/"}))
    assert error.status == 307
    assert not error.retryable


async def test_the_key_is_never_repeated():
    error = await failure(Reply("Incorrect API key provided: sk-secret-key", status=401))
    assert "sk-secret-key" not in error.message + (error.raw or "")
    assert "***" in error.message


async def test_the_key_is_not_stored_with_an_answer_either():
    reasoning = {"reasoning_content": "my key is sk-secret-key"}
    completion, _ = await ask(Reply("your key is sk-secret-key", message=reasoning))
    assert completion.text == "your key is ***"
    assert "sk-secret-key" not in completion.reasoning + completion.raw


@pytest.mark.parametrize(
    "body", [b"<html>busy</html>", b"", b'{"choices": []}', b"null", b'{"choices": [{"mess']
)
async def test_rubbish_with_status_200_is_an_error_that_may_pass(body):
    error = await failure(Reply(body=body))
    assert error.retryable


async def test_an_error_with_status_200_keeps_its_words():
    error = await failure(Reply(body=b'{"error": {"message": "upstream is down"}}'))
    assert "upstream is down" in error.message


async def test_a_dropped_connection_is_retryable():
    error = await failure(Reply(drop=True))
    assert error.retryable
    assert error.status is None


async def test_an_endpoint_that_is_down_is_named():
    provider = OpenAIProvider("http://127.0.0.1:9/v1/chat/completions", None, 5.0)
    with pytest.raises(
        ProviderError, match="Could not reach http://127.0.0.1:9/v1/chat/completions"
    ) as caught:
        await provider.complete(BODY)
    await provider.close()
    assert caught.value.retryable


async def test_a_slow_endpoint_runs_into_the_timeout():
    error = await failure(Reply(delay=5.0), timeout=0.2)
    assert error.retryable
    assert 200 <= error.duration_ms < 2000


async def test_retry_after_is_read_as_seconds_and_as_a_date():
    assert (await failure(Reply(status=429, headers={"retry-after": "7"}))).retry_after == 7.0
    date = email.utils.formatdate(time.time() + 60, usegmt=True)
    assert 55 < (await failure(Reply(status=429, headers={"retry-after": date}))).retry_after <= 60
    assert (await failure(Reply(status=429, headers={"retry-after": "soon"}))).retry_after is None
    assert (await failure(Reply(status=429))).retry_after is None
