"""A chat completions endpoint of known latency: `python -m benchmarks.endpoint LATENCY_MS [sick]`.

Prints its port. `GET /stats` tells how many requests came, when the first, each thousandth and the last
did, and how many came before the Retry-After they had been given; `DELETE /stats` begins anew. With
`sick`, 5% of prompts meet a 429 with `Retry-After: 1`, 3% a 500 and 2% a dropped connection, once each.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import time
from typing import Any, cast

import uvloop

_ANSWER = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "4"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 1, "total_tokens": 21},
    }
).encode()


_MARK = 1_000


class Stats:
    """What has happened so far."""

    def __init__(self, latency: float, sick: bool) -> None:
        self.latency = latency
        self.sick = sick
        self.begin()

    def begin(self) -> None:
        """Forget what has happened."""
        self.requests = 0
        self.marks: list[float] = []
        self.first = self.last_answer = 0.0
        self.too_early = 0
        self.not_before: dict[bytes, float] = {}
        self.seen: set[bytes] = set()

    def illness(self, body: bytes) -> str:
        """Return what a prompt meets the first time it comes; "" from then on."""
        if not self.sick or body in self.seen:
            return ""
        self.seen.add(body)
        place = int.from_bytes(hashlib.sha256(body).digest()[:4], "big") % 100
        return "429" if place < 5 else "500" if place < 8 else "drop" if place < 10 else ""


class Connection(asyncio.Protocol):
    """One keep-alive connection, HTTP/1.1, as little of it as the clients need."""

    def __init__(self, stats: Stats) -> None:
        self.stats = stats
        self.data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self.data += data
        while (end := self.data.find(b"\r\n\r\n")) >= 0:
            head = self.data[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            if len(self.data) < end + 4 + length:
                return
            body, self.data = self.data[end + 4 : end + 4 + length], self.data[end + 4 + length :]
            if not head.startswith(b"post"):
                self._tell()
                if head.startswith(b"delete"):
                    self.stats.begin()
            else:
                self._take(body)

    def _take(self, body: bytes) -> None:
        stats, now = self.stats, time.time()
        if stats.requests % _MARK == 0:
            stats.marks.append(now)
        stats.requests += 1
        stats.first = stats.first or now
        stats.too_early += now < stats.not_before.get(body, 0.0)
        illness = stats.illness(body)
        if illness == "429":
            stats.not_before[body] = now + stats.latency + 1
        asyncio.get_running_loop().call_later(stats.latency, self._answer, illness)

    def _answer(self, illness: str) -> None:
        if illness == "drop":
            self.transport.abort()
        elif illness == "429":
            self._send(b"429 Too Many Requests\r\nretry-after: 1", b'{"error": {"message": "slow down"}}')
        elif illness == "500":
            self._send(b"500 Internal Server Error", b'{"error": {"message": "out of order"}}')
        else:
            self._send(b"200 OK", _ANSWER)
        self.stats.last_answer = time.time()

    def _tell(self) -> None:
        stats = self.stats
        told: dict[str, Any] = {"requests": stats.requests, "first": stats.first, "last": stats.last_answer}
        told |= {"too_early": stats.too_early, "marks": [*stats.marks, stats.last_answer]}
        self._send(b"200 OK", json.dumps(told).encode())

    def _send(self, status: bytes, body: bytes) -> None:
        head = b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        self.transport.write(head % (status, len(body)) + body)


async def main(latency: float, sick: bool) -> None:
    """Serve until killed."""
    stats = Stats(latency, sick)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(stats), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(float(sys.argv[1]) / 1000, "sick" in sys.argv[2:]))
