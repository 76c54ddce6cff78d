"""The other end of `stratix.evaluations.summary_maker`: a process that makes summaries, for a while."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import Any

import orjson

_LONGEST_ANSWER = 2**24
# One thread: the second core belongs to the model calls, and each thread takes memory.
_THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


class NoSummary(Exception):
    """An attempt at a summary came to nothing; the message says why."""


class SummaryProcess:
    """One process that makes one summary after another; started when needed, ended when not.

    Args:
        database_url: where the evaluations are.
        seconds: a summary that takes longer is given up, and the process with it.
    """

    def __init__(self, database_url: str, seconds: float = 300.0) -> None:
        self._database_url = database_url
        self._seconds = seconds
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    @property
    def is_running(self) -> bool:
        """True while there is a process."""
        return self._process is not None

    async def warm_up(self) -> None:
        """Start the process and have it import what it needs, which takes a second or two.

        Raises:
            NoSummary: it could not.
        """
        await self._call({})

    async def make(self, evaluation_id: str) -> dict[str, Any]:
        """Return the summary of a finished evaluation.

        Raises:
            NoSummary: it raised, took too long, or took its process down.
        """
        answer = await self._call({"database": self._database_url, "evaluation": evaluation_id})
        if "summary" not in answer:
            raise NoSummary(str(answer.get("error", "it gave no answer")))
        summary: dict[str, Any] = answer["summary"]
        return summary

    async def prepare(self, evaluation_id: str, files: Path) -> None:
        """See that the columns and figures of a finished evaluation are in the files of a folder.

        Raises:
            NoSummary: it raised, took too long, or took its process down.
        """
        request = {"database": self._database_url, "evaluation": evaluation_id, "columns": str(files)}
        answer = await self._call(request)
        if "error" in answer:
            raise NoSummary(str(answer["error"]))

    async def _call(self, request: dict[str, Any]) -> dict[str, Any]:
        async with self._turn:
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._ask(request)
            except TimeoutError:
                await self.end()
                raise NoSummary(f"it took more than {self._seconds:g} s") from None
            except (OSError, ValueError) as error:
                await self.end()
                raise NoSummary(f"its process broke: {error}") from None
            except asyncio.CancelledError:  # Its answer would be taken for the next one's.
                await self.end()
                raise

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "stratix.evaluations.summary_maker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=_LONGEST_ANSWER,
                env={**os.environ, **_THREADS},
                start_new_session=True,  # A Ctrl-C is for the worker, whose end ends this process too.
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(orjson.dumps(request) + b"\n")
        await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            raise OSError(f"it ended with exit code {await process.wait()}")
        answer: dict[str, Any] = orjson.loads(line)
        return answer

    async def end(self) -> None:
        """End the process, also in the middle of a summary."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
