"""A chat completions endpoint on a real port that does what its script says."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Reply:
    """What the endpoint answers to one request.

    `drop` closes the connection without an answer; `body` replaces the whole chat completion.
    """

    text: str | None = "ok"
    status: int = 200
    delay: float = 0.0
    finish_reason: str = "stop"
    headers: dict[str, str] = field(default_factory=dict)
    message: dict[str, Any] = field(default_factory=dict)
    usage: dict[str, Any] | None = None
    body: bytes | None = None
    drop: bool = False


Script = Callable[[str, int], Reply]
"""From the last user message and how often it has been asked (1 at first) to the reply."""


class ScriptedProvider:
    """Runs in a thread of its own; `base_url` is what OPENAI_BASE_URL wants."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.asked: Counter[str] = Counter()
        self.in_flight = 0
        self.most_in_flight = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> ScriptedProvider:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def url(self) -> str:
        return f"{self.base_url}/chat/completions"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        runner = self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._stop(runner))
        self._loop.close()

    async def _stop(self, runner: web.AppRunner) -> None:
        await runner.cleanup()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _start(self) -> web.AppRunner:
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/v1/chat/completions", self._answer)
        # A client that hangs up is noticed, as by a real endpoint.
        runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        return runner

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        asked = body["messages"][-1]["content"]
        self.asked[asked] += 1
        reply = self.script(asked, self.asked[asked])
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(reply.delay)
        finally:
            self.in_flight -= 1
        if reply.drop:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        headers = {"x-request-id": f"req-{len(self.requests)}", **reply.headers}
        if reply.body is not None:
            return web.Response(body=reply.body, status=reply.status, headers=headers)
        if reply.status != 200:
            text = json.dumps({"error": {"message": reply.text}})
            return web.Response(text=text, status=reply.status, headers=headers)
        message = {"role": "assistant", "content": reply.text, **reply.message}
        choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason}
        usage = reply.usage or {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}
        answer = {"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "usage": usage}
        return web.Response(text=json.dumps(answer), content_type="application/json", headers=headers)
