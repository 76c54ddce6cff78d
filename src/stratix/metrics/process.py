"""The other end of `python -m stratix.metrics`: a process that measures, started when it is needed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Sequence
from typing import Any

_LONGEST_ANSWER = 2**22


class CannotMeasure(Exception):
    """A metric gave no values for a batch; the message says why."""


class MetricProcess:
    """One process that measures batch after batch, whoever asks; started again after it broke.

    Args:
        seconds: a batch that takes longer is given up, and the process with it.
    """

    def __init__(self, seconds: float = 60.0) -> None:
        self._seconds = seconds
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def values(self, name: str, texts: Sequence[str]) -> list[float | None]:
        """Measure a batch of texts.

        Args:
            name: of the metric.
            texts: of `MAX_CHARACTERS` at most.

        Returns:
            A value from 0.0 to 1.0 for each text; None where the metric has none.

        Raises:
            CannotMeasure: the metric raised, took too long, or took its process down.
        """
        if not texts:
            return []
        async with self._turn:
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await self._ask({"metric": name, "texts": texts})
            except TimeoutError:
                await self._end()
                raise CannotMeasure(f"no answer within {self._seconds:g} s") from None
            except (OSError, ValueError) as error:
                await self._end()
                raise CannotMeasure(f"its process broke: {error}") from None
            except asyncio.CancelledError:  # The answer, when it came, would be taken for the next batch's.
                await self._end()
                raise
        if "error" in answer:
            raise CannotMeasure(answer["error"])
        values: list[float | None] = answer["values"]
        return values

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "stratix.metrics",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=_LONGEST_ANSWER,
                start_new_session=True,  # A Ctrl-C is for the worker, whose end ends this process too.
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(request).encode() + b"\n")
        await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            raise OSError(f"it ended with exit code {await process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def close(self) -> None:
        """End the process, also in the middle of a batch."""
        await self._end()
