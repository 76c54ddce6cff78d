"""The bound: the same requests from a bare aiohttp loop, `python -m benchmarks.bare URL PROMPTS CONCURRENCY`.

No scoring, nothing stored, no progress. Prints seconds of wall and CPU time as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import aiohttp
import uvloop


async def main(url: str, prompts: int, concurrency: int) -> None:
    """Ask every prompt, again while it is not answered."""
    places = asyncio.Semaphore(concurrency)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(number: int) -> None:
            content = f"What is 2 + 2? ({number})"
            body = json.dumps({"model": "m", "messages": [{"role": "user", "content": content}]}).encode()
            while True:
                pause = 0.0
                async with places:
                    try:
                        async with session.post(url, data=body) as response:
                            answer = json.loads(await response.read())
                        if response.status == 200:
                            assert answer["choices"][0]["message"]["content"] == "4"
                            return
                        pause = float(response.headers.get("retry-after", 0))
                    except aiohttp.ClientError:
                        pass
                await asyncio.sleep(pause)

        started = time.perf_counter()
        await asyncio.gather(*(ask(number) for number in range(prompts)))
        wall = time.perf_counter() - started
    print(json.dumps({"wall": wall, "cpu": time.process_time()}))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
