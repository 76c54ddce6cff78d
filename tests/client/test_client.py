"""Constructing, copying and closing clients, and where their settings come from."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import httpx
import pytest

from layerlens import APIConnectionError, AsyncStratix, AuthenticationError, Stratix, StratixError
from layerlens._config import Credentials, credentials_path, read_credentials

BOTH = pytest.mark.parametrize("make", [Stratix, AsyncStratix])
DEFAULT = "http://127.0.0.1:8000/api/v1"


@pytest.fixture
def credentials(tmp_path, monkeypatch) -> Path:
    """A credentials file as `stratix up` writes it."""
    path = tmp_path / "credentials.json"
    path.write_text(json.dumps({"base_url": "http://127.0.0.1:9000/api/v1", "api_key": "stored-key"}))
    path.chmod(0o600)
    monkeypatch.setenv("STRATIX_CREDENTIALS_FILE", str(path))
    return path


def settings(client) -> tuple[str, str]:
    return client._session.config.api_key, client.base_url


@BOTH
def test_arguments_come_first_then_environment_then_file(make, credentials, monkeypatch):
    assert settings(make()) == ("stored-key", "http://127.0.0.1:9000/api/v1")
    monkeypatch.setenv("LAYERLENS_STRATIX_API_KEY", "env-key")
    assert settings(make()) == ("env-key", "http://127.0.0.1:9000/api/v1")
    monkeypatch.setenv("LAYERLENS_STRATIX_BASE_URL", "https://env.example/api/v1/")
    assert settings(make()) == ("env-key", "https://env.example/api/v1")
    assert settings(make("arg-key", "https://arg.example/api/v1")) == (
        "arg-key",
        "https://arg.example/api/v1",
    )


@BOTH
def test_without_a_file_the_base_url_is_the_local_one(make):
    client = make(api_key="k")
    assert client.base_url == DEFAULT
    assert client.timeout == httpx.Timeout(600, connect=10)
    assert client.max_retries == 2
    assert repr(client) == f"{make.__name__}(base_url='{DEFAULT}')"


@BOTH
def test_no_key_anywhere_says_what_to_do(make):
    with pytest.raises(StratixError, match=r"`stratix up`.*LAYERLENS_STRATIX_API_KEY"):
        make()


@BOTH
def test_the_files_key_goes_to_no_other_server(make, credentials, monkeypatch):
    with pytest.raises(StratixError, match=r"No API key for https://else\.example"):
        make(base_url="https://else.example/api/v1")
    monkeypatch.setenv("LAYERLENS_STRATIX_BASE_URL", "https://else.example/api/v1")
    with pytest.raises(StratixError, match=r"No API key for https://else\.example"):
        make()
    monkeypatch.delenv("LAYERLENS_STRATIX_BASE_URL")
    same = make(base_url="http://127.0.0.1:9000/api/v1/")
    assert settings(same) == ("stored-key", "http://127.0.0.1:9000/api/v1")
    with pytest.raises(StratixError, match=r"belongs to http://127\.0\.0\.1:9000"):
        same.with_options(base_url="https://else.example/api/v1")
    moved = same.with_options(base_url="https://else.example/api/v1", api_key="k")
    assert settings(moved) == ("k", "https://else.example/api/v1")


@BOTH
@pytest.mark.parametrize(
    "content",
    [
        "no json",
        "[]",
        '{"base_url": "http://h/api/v1"}',
        '{"base_url": 5, "api_key": "k"}',
        '{"base_url": "http://h/api/v1", "api_key": "k\\u00f6"}',
    ],
)
def test_a_broken_file_says_so(make, credentials, content):
    credentials.write_text(content)
    with pytest.raises(StratixError, match=r"credentials\.json cannot be used .*delete it"):
        make()
    assert settings(make("k", DEFAULT)) == ("k", DEFAULT)


@BOTH
def test_a_key_that_no_header_can_carry_says_so(make, monkeypatch):
    assert settings(make(" k\r\n", DEFAULT)) == ("k", DEFAULT)
    for key in ("kö", "k\nk", "k\x00"):
        with pytest.raises(ValueError, match="copy it again"):
            make(key, DEFAULT)
        with pytest.raises(ValueError, match="copy it again"):
            make("k", DEFAULT).with_options(api_key=key)
    monkeypatch.setenv("LAYERLENS_STRATIX_API_KEY", "ключ")
    with pytest.raises(ValueError, match="copy it again"):
        make()


def test_where_the_file_lies(monkeypatch, tmp_path):
    monkeypatch.setenv("STRATIX_CREDENTIALS_FILE", "~/mine.json")
    assert credentials_path() == Path.home() / "mine.json"
    monkeypatch.delenv("STRATIX_CREDENTIALS_FILE")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert credentials_path() == tmp_path / "stratix" / "credentials.json"
    assert read_credentials() is None
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert credentials_path() == tmp_path / ".config" / "stratix" / "credentials.json"


def test_credentials_do_not_show_their_key(credentials):
    found = read_credentials()
    assert found == Credentials("http://127.0.0.1:9000/api/v1", "stored-key")
    assert "stored-key" not in repr(found)
    assert "stored-key" not in repr(Stratix()._session.config)


@BOTH
@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "127.0.0.1:8000"},
        {"base_url": "ftp://host/api"},
        {"base_url": "http://host/api?x=1"},
        {"timeout": 0},
        {"max_retries": -1},
    ],
)
def test_settings_out_of_range_are_refused(make, wrong):
    with pytest.raises(ValueError, match=r"base URL|must be"):
        make(**{"api_key": "k", **wrong})
    with pytest.raises(ValueError, match=r"base URL|must be"):
        make(api_key="k").with_options(**wrong)


async def test_with_options_changes_what_is_given_and_keeps_the_rest(run, server, evaluation):
    server.on("GET", "/evaluations", {"evaluations": [], "total_count": 0})
    await run(lambda c: c.evaluations.get_many())
    changed = run.client.with_options(timeout=5)
    assert type(changed) is type(run.client)
    assert changed.timeout == httpx.Timeout(5)
    assert (changed.base_url, changed.max_retries) == (server.base_url, 2)
    assert run.client.timeout == httpx.Timeout(600, connect=10)
    again = changed.copy(max_retries=7)
    assert (again.timeout, again.max_retries) == (httpx.Timeout(5), 7)
    # Connections and the organisation that was fetched are kept too.
    await run(lambda c: again.evaluations.get_many())
    assert again._session.pool is run.client._session.pool
    assert again.public._session is again._session
    assert len(server.asked("GET", "/organizations")) == 1


async def test_another_key_means_another_organisation(run, server):
    server.on("GET", "/evaluations", {"evaluations": [], "total_count": 0})
    await run(lambda c: c.evaluations.get_many())
    await run(lambda c: c.with_options(api_key="other").evaluations.get_many())
    assert [seen.headers["x-api-key"] for seen in server.asked("GET", "/organizations")] == [
        "key-of-the-tests",
        "other",
    ]


@BOTH
def test_construction_sends_nothing(make, server):
    make(api_key="k", base_url=server.base_url)
    assert server.requests == []


async def test_constructing_and_first_use_do_not_block_the_loop(server):
    async def slowly(seen):
        await asyncio.sleep(0.6)
        return {"data": {"id": "o", "name": "", "projects": [{"id": "p", "name": ""}]}}

    server.on("GET", "/organizations", slowly)
    server.on("GET", "/evaluations", {"evaluations": [], "total_count": 0})
    longest, last = 0.0, time.monotonic()

    async def tick():
        nonlocal longest, last
        while True:
            await asyncio.sleep(0.01)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0.05)
    async with AsyncStratix(api_key="k", base_url=server.base_url) as client:
        await client.evaluations.get_many()
    ticking.cancel()
    assert longest < 0.3


async def test_the_organisation_is_fetched_once_by_concurrent_first_calls(run, server):
    async def slowly(seen):
        await asyncio.sleep(0.2)
        return {"data": {"id": "o", "name": "Acme", "projects": [{"id": "p", "name": "P"}, {"id": "q"}]}}

    server.on("GET", "/organizations", slowly)
    server.on("GET", "/evaluations", {"evaluations": [], "total_count": 0})
    await asyncio.gather(*(run(lambda c: c.evaluations.get_many()) for _ in range(5)))
    assert len(server.asked("GET", "/organizations")) == 1
    assert {seen.query["project_id"] for seen in server.asked("GET", "/evaluations")} == {"p"}


async def test_a_failed_first_fetch_is_tried_anew(run, server, reply):
    refused = reply(401, {"error": {"message": "This API key is not known."}})
    server.on("GET", "/organizations", refused, {"data": {"id": "o", "projects": [{"id": "p"}]}})
    server.on("GET", "/evaluations", {"evaluations": [], "total_count": 0})
    with pytest.raises(AuthenticationError, match="not known"):
        await run(lambda c: c.evaluations.get_many())
    assert await run(lambda c: c.evaluations.get_many())


async def test_organisation_and_project_are_known_by_name(run, server):
    if run.is_async:
        with pytest.raises(StratixError, match="get_organization"):
            _ = run.client.organization_id
        await run.client.get_organization()
    client = run.client

    def read():
        return client.organization_id, client.organization_name, client.project_id, client.project_name

    assert await asyncio.to_thread(read) == ("org-1", "Acme", "proj-1", "First")
    assert (await run(lambda c: c.get_organization())).projects[0].name == "First"
    assert len(server.asked("GET", "/organizations")) == 1


async def test_a_closed_client_says_so(kind, server, evaluation):
    server.on("GET", "/evaluations/eval-1", evaluation())
    if kind == "async":
        async with AsyncStratix(api_key="k", base_url=server.base_url) as client:
            assert await client.evaluations.get_by_id("eval-1")
        with pytest.raises(StratixError, match="closed"):
            await client.evaluations.get_by_id("eval-1")
    else:
        with Stratix(api_key="k", base_url=server.base_url) as sync_client:
            assert sync_client.evaluations.get_by_id("eval-1")
        with pytest.raises(StratixError, match="closed"):
            sync_client.evaluations.get_by_id("eval-1")


def test_an_async_client_survives_its_event_loop(server, evaluation):
    server.on("GET", "/evaluations/eval-1", evaluation())
    client = AsyncStratix(api_key="k", base_url=server.base_url)

    async def use():
        found = await client.evaluations.get_by_id("eval-1")
        # Ends the connection before its loop does, as a server would.
        await (await client._session.pool.client()).aclose()
        return found

    assert asyncio.run(use()).id == asyncio.run(use()).id == "eval-1"


def test_the_credentials_file_suffices(credentials, server):
    credentials.write_text(json.dumps({"base_url": server.base_url, "api_key": "fresh"}))
    with Stratix(max_retries=0) as client:
        assert client.organization_name == "Acme"
    assert server.last("GET", "/organizations").headers["x-api-key"] == "fresh"


async def test_cancelling_a_call_leaves_the_client_usable(server, evaluation):
    async def never(seen):
        await asyncio.sleep(5)

    server.on("GET", "/evaluations/eval-1", never, evaluation())
    async with AsyncStratix(api_key="k", base_url=server.base_url) as client:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.evaluations.get_by_id("eval-1"), 0.2)
        assert (await client.evaluations.get_by_id("eval-1")).id == "eval-1"
        with pytest.raises(APIConnectionError):
            await client.with_options(base_url="http://127.0.0.1:9", max_retries=0).get_organization()
