"""The floor: the same requests by hand, `python -m benchmarks.handmade URL PROMPTS CONCURRENCY`.

A connection a place, the next request written as soon as an answer has come, which nobody parses: what
this machine and the endpoint's own precision leave for anyone. Needs an endpoint that answers everything.
Prints seconds of wall and CPU time as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from typing import cast
from urllib.parse import urlsplit

import uvloop

_HEAD = b"POST %s HTTP/1.1\r\nhost: %s\r\ncontent-length: %d\r\n\r\n"


def requests(url: str, prompts: int) -> Iterator[bytes]:
    """Yield the requests as bytes."""
    parts = urlsplit(url)
    for number in range(prompts):
        content = f"What is 2 + 2? ({number})"
        body = json.dumps({"model": "m", "messages": [{"role": "user", "content": content}]}).encode()
        yield _HEAD % (parts.path.encode(), parts.netloc.encode(), len(body)) + body


class Place(asyncio.Protocol):
    """A connection that asks again and again."""

    def __init__(self, waiting: Iterator[bytes]) -> None:
        self.waiting = waiting
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Take a whole answer, as the endpoint sends them, and ask the next."""
        assert data.startswith(b"HTTP/1.1 200"), data
        self.ask()

    def ask(self) -> None:
        """Write the next request, if there is one."""
        request = next(self.waiting, None)
        if request is None:
            self.ended.set_result(None)
        else:
            self.transport.write(request)


async def main(url: str, prompts: int, concurrency: int) -> None:
    """Ask every prompt."""
    loop, parts, waiting = asyncio.get_running_loop(), urlsplit(url), requests(url, prompts)
    started = time.perf_counter()
    places = []
    for _ in range(concurrency):
        _, place = await loop.create_connection(lambda: Place(waiting), parts.hostname, parts.port)
        place.ask()
        places.append(place)
    await asyncio.gather(*(place.ended for place in places))
    print(json.dumps({"wall": time.perf_counter() - started, "cpu": time.process_time()}))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
