"""Comparing formulas in processes that can be stopped, and that live on between comparisons."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WORKER = Path(__file__).with_name("_math_worker.py")
_START_SECONDS = 120.0  # to import a large library on a busy machine
_BUSY = 10  # by the clock a comparison may take so many times its time, as others may have the processor


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of a comparison.

    Attributes:
        equal: a reading of the answer equals an accepted one.
        formula: the reading that was compared; None if none could be read.
        gold: False if no accepted answer could be read.
    """

    equal: bool
    formula: str | None
    gold: bool


def compare(gold: Sequence[str], candidates: Sequence[Sequence[str]], seconds: float) -> Comparison:
    """Compare the first candidate that can be read with the accepted answers.

    Args:
        gold: the accepted answers, in LaTeX.
        candidates: what the answer may be, the likeliest first; each in all its readings, in LaTeX.
        seconds: the time it may compute; the process is killed then.

    Raises:
        TimeoutError: it took longer.
        RuntimeError: the process broke down; the message says why.
    """
    reply = _POOL.ask({"gold": list(gold), "candidates": [list(c) for c in candidates]}, seconds)
    if "error" in reply:
        raise RuntimeError(f"math-verify broke down: {reply['error']}")
    return Comparison(reply["equal"], reply["formula"], reply["gold"])


class _Process:
    """One running worker."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # runs our own file
            [sys.executable, "-P", "-W", "ignore", "-X", "utf8", str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        if self._line(_START_SECONDS) is None:
            self.close()
            raise RuntimeError("math-verify does not start: is it installed? (`pip install math-verify`)")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, question: dict[str, Any], seconds: float) -> dict[str, Any] | None:
        """Return the reply to a question; None if the process is gone.

        Raises:
            TimeoutError: there was none in time; the process has been killed.
        """
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(json.dumps({**question, "seconds": seconds}) + "\n")
            self._process.stdin.flush()
        line = self._line(_BUSY * seconds)
        if line is None and self._process.wait() == -getattr(signal, "SIGPROF", 0):
            self.close()
            raise TimeoutError(f"the comparison took over {seconds:g} s")
        return json.loads(line) if line else None

    def _line(self, seconds: float) -> str | None:
        assert self._process.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        if late.is_set() and not line:
            self.close()
            raise TimeoutError(f"the comparison took over {seconds:g} s")
        return line or None

    def close(self) -> None:
        """Kill the process and let its pipes go."""
        self._process.kill()
        with contextlib.suppress(OSError):  # a question it never took
            self._process.communicate()


class _Pool:
    """As many workers as are in use at a time, up to a limit; idle ones are used again."""

    def __init__(self, size: int) -> None:
        self._idle: list[_Process] = []
        self._free = threading.BoundedSemaphore(size)

    def ask(self, question: dict[str, Any], seconds: float) -> dict[str, Any]:
        with self._free:
            for _ in range(2):  # an idle one may end in the moment it is asked
                process = self._take()
                reply = process.ask(question, seconds)
                if reply is not None:
                    self._idle.append(process)
                    return reply
                process.close()
        raise RuntimeError("math-verify ended without an answer, twice: too little memory?")

    def _take(self) -> _Process:
        with contextlib.suppress(IndexError):
            while True:
                process = self._idle.pop()
                if process.alive:
                    return process
                process.close()
        return _Process()

    def close(self) -> None:
        """End the idle ones."""
        while self._idle:
            self._idle.pop().close()


_POOL = _Pool(min(4, os.cpu_count() or 1))
atexit.register(_POOL.close)
