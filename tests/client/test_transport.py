"""How calls are sent: errors, retries, idempotency, timeouts."""

from __future__ import annotations

import asyncio
import email.utils
import socket
import time

import httpx
import pytest

import layerlens
from layerlens import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    StratixError,
    _protocol,
    _waiting,
)
from layerlens._config import Config
from layerlens.models import PublicBenchmark, PublicModel

STATUSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    413: "APIStatusError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
    500: "InternalServerError",
    503: "InternalServerError",
}


def create(client):
    return client.evaluations.create(
        model=PublicModel(id="m-1", key="k", name="n", description=""),
        benchmark=PublicBenchmark(id="b-1", key="k", name="n"),
    )


@pytest.mark.parametrize(("status", "name"), STATUSES.items())
async def test_each_status_has_its_error(run, server, reply, status, name):
    body = {"error": {"message": "The server's words.", "code": "x"}}
    server.on("GET", "/evaluations", reply(status, body, {"x-request-id": "req-77"}))
    with pytest.raises(APIStatusError) as caught:
        await run(lambda c: c.with_options(max_retries=0).evaluations.get_many())
    error = caught.value
    assert type(error) is getattr(layerlens, name)
    assert error.message == "The server's words."
    assert error.status_code == status
    assert error.body == body
    assert error.request_id == "req-77"
    assert isinstance(error.response, httpx.Response)
    assert error.request.url.path == "/api/v1/evaluations"
    assert str(error) == f"The server's words. (HTTP {status}, request req-77)"


def test_the_tree_of_errors():
    assert issubclass(APITimeoutError, APIConnectionError)
    assert issubclass(APIConnectionError, APIError)
    assert issubclass(APIResponseValidationError, APIError)
    assert issubclass(APIStatusError, APIError)
    assert issubclass(APIError, StratixError)
    for name in STATUSES.values():
        assert issubclass(getattr(layerlens, name), APIStatusError)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"error": "short"}', "short"),
        ('{"detail": "of a framework"}', "of a framework"),
        ("<html>Bad Gateway</html>", "<html>Bad Gateway</html>"),
        ("", "Bad Gateway"),
    ],
)
async def test_errors_of_other_shapes_keep_their_words(run, server, reply, text, words):
    server.on("GET", "/evaluations", reply(502, text=text))
    with pytest.raises(APIStatusError) as caught:
        await run(lambda c: c.with_options(max_retries=0).evaluations.get_many())
    assert caught.value.message == words


async def test_a_stray_404_is_no_none(run, server, reply):
    server.on("GET", "/evaluations/eval-1", reply(404, text="<html>no such page</html>"))
    with pytest.raises(layerlens.NotFoundError, match="no such page"):
        await run(lambda c: c.evaluations.get_by_id("eval-1"))


@pytest.mark.parametrize("text", ["<html>hello</html>", "{}", '{"evaluations": [{}], "total_count": 1}'])
async def test_an_answer_that_is_not_the_apis_is_an_error(run, server, reply, text):
    server.on("GET", "/evaluations", reply(text=text))
    with pytest.raises(APIResponseValidationError, match="not what the API promises") as caught:
        await run(lambda c: c.evaluations.get_many())
    assert caught.value.status_code == 200


async def test_a_redirect_is_an_error_that_says_where_to(run, server, reply):
    server.on("GET", "/evaluations", reply(307, text="", headers={"location": "https://else.where/"}))
    with pytest.raises(APIStatusError, match=r"redirects to https://else\.where/"):
        await run(lambda c: c.evaluations.get_many())


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_creates_are_retried_with_the_same_idempotency_key(
    run, server, project, reply, drop, evaluation, status
):
    path = f"{project}/evaluations"
    busy = reply(status, {"error": {"message": "busy"}})
    server.on("POST", path, busy, drop, {"data": [evaluation(status="pending")]})
    assert (await run(create)).id == "eval-1"
    seen = server.asked("POST", path)
    assert len(seen) == 3
    assert len({one.headers["idempotency-key"] for one in seen}) == 1
    assert len({one.raw for one in seen}) == 1
    await run(create)
    assert server.last("POST", path).headers["idempotency-key"] != seen[0].headers["idempotency-key"]


async def test_deletions_are_retried_with_the_same_idempotency_key(run, server, drop, evaluation):
    server.on("DELETE", "/evaluations/eval-1", drop, {"data": evaluation(status="success")})
    assert await run(lambda c: c.evaluations.delete("eval-1"))
    seen = server.asked("DELETE", "/evaluations/eval-1")
    assert len(seen) == 2
    assert len({one.headers["idempotency-key"] for one in seen}) == 1
    assert not await run(lambda c: c.evaluations.delete("eval-2"))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
async def test_other_errors_are_not_retried(run, server, project, reply, status):
    server.on("POST", f"{project}/evaluations", reply(status, {"error": {"message": "no"}}))
    with pytest.raises(APIStatusError):
        await run(create)
    assert len(server.asked("POST", f"{project}/evaluations")) == 1


async def test_retries_come_to_an_end(run, server, reply, drop):
    server.on("GET", "/evaluations", reply(503, {"error": {"message": "busy"}}))
    with pytest.raises(layerlens.InternalServerError, match="busy"):
        await run(lambda c: c.evaluations.get_many())
    assert len(server.asked("GET", "/evaluations")) == 3
    server.on("GET", "/evaluations", drop)
    with pytest.raises(APIConnectionError, match="could not be reached") as caught:
        await run(lambda c: c.with_options(max_retries=1).evaluations.get_many())
    assert len(server.asked("GET", "/evaluations")) == 5
    assert caught.value.request.url.path == "/api/v1/evaluations"
    assert caught.value.body is None
    assert not isinstance(caught.value, APITimeoutError)


async def test_retry_after_as_seconds_is_honoured(run, server, reply):
    busy = reply(429, {"error": {"message": "slow down"}}, {"retry-after": "0.7"})
    server.on("GET", "/evaluations", busy, {"evaluations": [], "total_count": 0})
    await run(lambda c: c.evaluations.get_many())
    first, second = (seen.at for seen in server.asked("GET", "/evaluations"))
    assert 0.69 < second - first < 2


async def test_retry_after_as_a_date_is_honoured(run, server, reply):
    # Dates have whole seconds, so two seconds ahead are one to two to wait.
    busy = reply(
        503,
        {"error": {"message": "later"}},
        {"retry-after": email.utils.formatdate(time.time() + 2, usegmt=True)},
    )
    server.on("GET", "/evaluations", busy, {"evaluations": [], "total_count": 0})
    await run(lambda c: c.evaluations.get_many())
    first, second = (seen.at for seen in server.asked("GET", "/evaluations"))
    assert 0.7 < second - first < 3


async def test_a_retry_after_that_is_none_is_ignored(run, server, reply):
    busy = reply(503, {"error": {"message": "later"}}, {"retry-after": "soon"})
    server.on("GET", "/evaluations", busy, {"evaluations": [], "total_count": 0})
    await run(lambda c: c.evaluations.get_many())
    assert len(server.asked("GET", "/evaluations")) == 2


async def test_a_server_that_wants_an_hour_is_not_waited_for(run, server, reply):
    server.on("GET", "/evaluations", reply(429, {"error": {"message": "quota"}}, {"retry-after": "3600"}))
    with pytest.raises(layerlens.RateLimitError, match="quota"):
        await run(lambda c: c.evaluations.get_many())
    assert len(server.asked("GET", "/evaluations")) == 1


async def test_a_slow_answer_is_a_timeout_and_not_retried(run, server):
    async def slowly(seen):
        await asyncio.sleep(1)
        return {"evaluations": [], "total_count": 0}

    server.on("GET", "/evaluations", slowly)
    for use in (
        lambda c: c.evaluations.get_many(timeout=0.2),
        lambda c: c.with_options(timeout=httpx.Timeout(0.2)).evaluations.get_many(),
    ):
        with pytest.raises(APITimeoutError, match="did not answer GET /api/v1/evaluations in time"):
            await run(use)
    assert len(server.asked("GET", "/evaluations")) == 2


async def test_a_port_without_server_is_a_connection_error(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        # Bound but not listening: connections are refused.
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}/api/v1"
        with pytest.raises(APIConnectionError, match="check that the platform is running"):
            await run(lambda c: c.with_options(base_url=nowhere).evaluations.get_by_id("eval-1"))


async def test_connections_are_kept_over_calls(run, server, evaluation):
    server.on("GET", "/evaluations/eval-1", evaluation())
    for _ in range(5):
        await run(lambda c: c.evaluations.get_by_id("eval-1"))
    assert len({seen.peer for seen in server.requests}) == 1


def test_backoff_grows_and_is_spread(monkeypatch):
    monkeypatch.setattr(_protocol, "BACKOFF_SECONDS", 0.5)
    config = Config(api_key="k", base_url="http://h", timeout=httpx.Timeout(1), max_retries=9)
    lost = httpx.ConnectError("lost")
    for attempt, most in enumerate([0.5, 1, 2, 4, 8, 8, 8]):
        delays = [_protocol.retry_delay(config, attempt, lost) for _ in range(200)]
        assert 0 <= min(delays) < 0.2 * most
        assert 0.8 * most < max(delays) <= most
    assert _protocol.retry_delay(config, 9, lost) is None


def test_pauses_grow_to_the_interval(monkeypatch):
    now = 0.0
    monkeypatch.setattr(_waiting.time, "monotonic", lambda: now)
    waiting = _waiting.Waiting(interval_seconds=4, timeout_seconds=30)
    pauses = []
    while True:
        assert waiting.hold() == min(4, 30 - now)
        pause = waiting.pause()
        if pause is None:
            break
        pauses.append(pause)
        now += pause
        if now == 30:
            assert waiting.hold() == 0
    assert pauses[:6] == [1, 1.5, 2.25, 3.375, 4, 4]
    assert sum(pauses) == 30
