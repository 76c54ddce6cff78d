"""How to wait for the end of an evaluation: long polls, or short pauses where the server has none."""

from __future__ import annotations

import math
import time

LONG_POLL_MAX_SECONDS = 20.0
FIRST_PAUSE_SECONDS = 1.0
PAUSE_GROWTH = 1.5


class Waiting:
    """The timetable of one wait.

    Each question tells the server how long it may hold its answer back (`hold`), so that the end is learnt at
    once. A server that answers at once all the same knows no long polls; it is asked in pauses that begin
    short, for short evaluations, and grow to the interval.
    """

    def __init__(self, interval_seconds: float, timeout_seconds: float | None) -> None:
        if not interval_seconds > 0:
            raise ValueError(f"interval_seconds must be above 0, not {interval_seconds}")
        if timeout_seconds is not None and timeout_seconds < 0:
            raise ValueError(f"timeout_seconds must be 0 or more, not {timeout_seconds}")
        self._interval = interval_seconds
        self._deadline = math.inf if timeout_seconds is None else time.monotonic() + timeout_seconds
        self._pause = min(FIRST_PAUSE_SECONDS, interval_seconds)
        self._hold = 0.0
        self._asked_at = 0.0

    def hold(self) -> float:
        """Return the seconds the server may hold back the answer to a question asked now."""
        self._asked_at = time.monotonic()
        left = max(0.0, self._deadline - self._asked_at)
        self._hold = min(self._interval, left, LONG_POLL_MAX_SECONDS)
        return self._hold

    def pause(self) -> float | None:
        """Return the seconds to rest before the next question, or None if the time is up."""
        now = time.monotonic()
        left = self._deadline - now
        if left <= 0:
            return None
        if now - self._asked_at >= self._hold / 2:
            return 0.0
        pause = min(self._pause, left)
        self._pause = min(self._pause * PAUSE_GROWTH, self._interval)
        return pause
