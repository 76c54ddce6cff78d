"""Charts for pages: drawn in a process of their own, and kept for whoever looks next."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import sys
from collections import OrderedDict
from importlib.metadata import version
from pathlib import Path

from stratix.charts.drawing import LENGTH, Order

_KEPT_BYTES = 8_000_000
_SECONDS = 30.0
_IDLE_SECONDS = 60.0
_SCRIPT = "charts-{}.js"


class CannotDraw(Exception):
    """A chart could not be drawn; the message says why."""


class Drawings:
    """Draws charts one after another; the process that does so is started when needed and ended when not.

    Args:
        folder: where the script that shows charts in a browser is kept once it is made.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._bytes = 0
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._end: asyncio.TimerHandle | None = None

    async def draw(self, order: Order) -> bytes:
        """Return a chart.

        Raises:
            CannotDraw: the process broke, or took too long.
        """
        name = pickle.dumps(order)
        async with self._turn:
            if (drawn := self._kept.get(name)) is None:
                drawn = await self._drawn(name)
                self._keep(name, drawn)
            self._kept.move_to_end(name)
        return drawn

    async def script(self) -> Path:
        """Return the file with the script that shows charts in a browser; the first time it is made.

        Raises:
            CannotDraw: it cannot be made.
        """
        path = self._folder / _SCRIPT.format(version("vl-convert-python"))
        async with self._turn:
            if not path.exists():
                script = await self._drawn(pickle.dumps(Order(None)))
                await asyncio.to_thread(_write, path, script)
        return path

    def _keep(self, name: bytes, drawn: bytes) -> None:
        self._kept[name] = drawn
        self._bytes += len(name) + len(drawn)
        while self._bytes > _KEPT_BYTES and len(self._kept) > 1:
            oldest, dropped = self._kept.popitem(last=False)
            self._bytes -= len(oldest) + len(dropped)

    async def _drawn(self, order: bytes) -> bytes:
        if self._end is not None:
            self._end.cancel()
        try:
            async with asyncio.timeout(_SECONDS):
                good, answer = await self._ask(order)
        except (TimeoutError, OSError, EOFError, asyncio.IncompleteReadError) as error:
            self._stop()
            raise CannotDraw(f"the process that draws broke: {type(error).__name__}") from None
        except asyncio.CancelledError:  # Its answer would be taken for the next one's.
            self._stop()
            raise
        self._end = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._stop)
        if not good:
            raise CannotDraw(answer)
        return answer

    async def _ask(self, order: bytes) -> tuple[bool, bytes]:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "stratix.charts"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,  # Control-C is for the server, which ends this with its pipe.
            )
        source, sink = self._process.stdout, self._process.stdin
        assert source is not None
        assert sink is not None
        sink.write(LENGTH.pack(len(order)) + order)
        await sink.drain()
        (length,) = LENGTH.unpack(await source.readexactly(LENGTH.size))
        answer: tuple[bool, bytes] = pickle.loads(await source.readexactly(length))  # noqa: S301  # our own
        return answer

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}")
    half.write_bytes(content)
    half.replace(path)
