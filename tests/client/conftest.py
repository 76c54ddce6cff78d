"""A scripted server on a real port, and both clients driven by the same tests."""

from __future__ import annotations

import asyncio
import inspect
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from layerlens import AsyncPublicClient, AsyncStratix, PublicClient, Stratix, _protocol

KEY = "key-of-the-tests"
ORGANIZATION = {"id": "org-1", "name": "Acme", "projects": [{"id": "proj-1", "name": "First"}]}
PROJECT = "/organizations/org-1/projects/proj-1"


@dataclass
class Seen:
    """A request as the server saw it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes
    at: float
    peer: object

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass
class Reply:
    """An answer that is not simply 200 with JSON."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    text: str | None = None


@dataclass
class Stream:
    """A stream of server-sent events: bytes to send, seconds to wait, and `Drop` to break off."""

    parts: list[Any]
    headers: dict[str, str] = field(default_factory=dict)

    async def send(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream", **self.headers})
        await response.prepare(request)
        for part in self.parts:
            if part is Drop:
                assert request.transport is not None
                request.transport.abort()
            elif isinstance(part, bytes):
                await response.write(part)
            else:
                await asyncio.sleep(part)
        return response


class Drop:
    """Break the connection instead of answering."""


class Server:
    """Answers as a test tells it to, and remembers what it was asked."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.url = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        self.base_url = f"{self.url}/api/v1"
        self.reset()

    def reset(self) -> None:
        self.requests: list[Seen] = []
        self._scripts: dict[tuple[str, str], list[Any]] = {}
        self.on("GET", "/organizations", {"data": ORGANIZATION})

    def on(self, method: str, path: str, *answers: Any) -> None:
        """Answer a path by each of `answers` in turn, then by the last one forever.

        An answer is JSON, a `Reply`, `Drop`, or a (coroutine) function of what was seen that returns one.
        """
        self._scripts[method, path] = list(answers)

    def asked(self, method: str, path: str) -> list[Seen]:
        return [seen for seen in self.requests if (seen.method, seen.path) == (method, path)]

    def last(self, method: str, path: str) -> Seen:
        return self.asked(method, path)[-1]

    async def _start(self) -> str:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/api/v1")
        headers = {name.lower(): value for name, value in request.headers.items()}
        seen = Seen(
            request.method,
            path,
            dict(request.query),
            headers,
            await request.read(),
            time.monotonic(),
            request.transport.get_extra_info("peername"),
        )
        self.requests.append(seen)
        script = self._scripts.get((seen.method, path))
        missing = Reply(404, {"error": {"message": f"There is no {path}."}})
        answer = missing if script is None else script.pop(0) if len(script) > 1 else script[0]
        if callable(answer) and answer is not Drop:
            answer = answer(seen)
            if inspect.isawaitable(answer):
                answer = await answer
        if answer is Drop:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if isinstance(answer, Stream):
            return await answer.send(request)
        if not isinstance(answer, Reply):
            answer = Reply(body=answer)
        response_headers = {"x-request-id": f"req-{len(self.requests)}", **answer.headers}
        text = json.dumps(answer.body) if answer.text is None else answer.text
        return web.Response(
            status=answer.status, text=text, content_type="application/json", headers=response_headers
        )

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="session")
def _server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def server(_server: Server) -> Server:
    _server.reset()
    return _server


@pytest.fixture(autouse=True)
def _clean_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Keep the settings of this machine out, and backoff short."""
    for name in ("LAYERLENS_STRATIX_API_KEY", "LAYERLENS_STRATIX_BASE_URL", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STRATIX_CREDENTIALS_FILE", str(tmp_path / "no-credentials.json"))
    monkeypatch.setattr(_protocol, "BACKOFF_SECONDS", 0.02)


class Driver:
    """Runs the same lines on either client: `await run(lambda client: client.models.get())`."""

    def __init__(self, kind: str, client: Any) -> None:
        self.kind = kind
        self.is_async = kind == "async"
        self.client = client

    async def __call__(self, use: Callable[[Any], Any]) -> Any:
        if self.is_async:
            return await use(self.client)
        return await asyncio.to_thread(use, self.client)

    def method(self, thing: Any, name: str) -> Callable[..., Any]:
        """Return a method of an evaluation, by the name it has on this client's ones."""
        return getattr(thing, name + "_async" if self.is_async else name)

    async def aclose(self) -> None:
        if self.is_async:
            await self.client.aclose()
        else:
            self.client.close()


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def run(kind: str, server: Server) -> Any:
    """Drive a `Stratix` or an `AsyncStratix`."""
    made = {"sync": Stratix, "async": AsyncStratix}[kind]
    driver = Driver(kind, made(api_key=KEY, base_url=server.base_url))
    yield driver
    await driver.aclose()


@pytest.fixture
async def run_public(kind: str, server: Server) -> Any:
    """Drive a `PublicClient` or an `AsyncPublicClient`."""
    made = {"sync": PublicClient, "async": AsyncPublicClient}[kind]
    driver = Driver(kind, made(api_key=KEY, base_url=server.base_url))
    yield driver
    await driver.aclose()


@pytest.fixture
def reply() -> type[Reply]:
    return Reply


@pytest.fixture
def stream() -> type[Stream]:
    return Stream


@pytest.fixture
def drop() -> type[Drop]:
    return Drop


@pytest.fixture
def project() -> str:
    """The path of the project that the server's key belongs to."""
    return PROJECT


@pytest.fixture
def evaluation() -> Callable[..., dict[str, Any]]:
    """Make an evaluation as the wire carries it."""

    def make(id: str = "eval-1", status: str = "success", **fields: Any) -> dict[str, Any]:
        return {
            "id": id,
            "status": status,
            "submitted_at": 1_700_000_000,
            "finished_at": 0 if status in {"pending", "in-progress", "paused"} else 1_700_000_060,
            "model_id": "m-1",
            "dataset_id": "b-1",
            "average_duration": 420,
            "accuracy": 0.75,
            **fields,
        }

    return make


@pytest.fixture
def result() -> Callable[..., dict[str, Any]]:
    """Make a result as the wire carries it."""

    def make(number: int, **fields: Any) -> dict[str, Any]:
        return {
            "subset": "",
            "prompt": f"prompt {number}",
            "result": f"answer {number}",
            "truth": "truth",
            "duration": "PT1.25S",
            "score": 1.0,
            "metrics": {"readability": None},
            "result_id": f"r-{number}",
            **fields,
        }

    return make
