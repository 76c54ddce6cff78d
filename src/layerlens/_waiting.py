"""How to wait for the end of an evaluation: by a stream, long polls or short pauses, as the server can."""

from __future__ import annotations

import math
import time
from numbers import Real

LONG_POLL_MAX_SECONDS = 20.0
FIRST_PAUSE_SECONDS = 1.0
PAUSE_GROWTH = 1.5
STREAM_MIN_SECONDS = 1.0
"""A stream is not worth while for a shorter time, and one that breaks within it is of no use."""

STREAM_MAX_SECONDS = 300.0
EVENT_MIN_SECONDS, EVENT_MAX_SECONDS = 0.25, 15.0
OUTAGE_MAX_SECONDS = 60.0
"""How long a server that has answered before may be away, as while it is restarted."""

SILENCE_MAX_SECONDS = 5.0
"""How much longer than promised a stream may be silent before it is given up."""


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


class Waiting:
    """The timetable of one wait.

    At first a stream of events is tried, in which the server tells each change. Where there is none, or
    something on the way keeps the events back, questions are asked from then on.

    Each question tells the server how long it may hold its answer back (`hold`), so that the end is learnt at
    once. A server that answers at once all the same knows no long polls; it is asked in pauses that begin
    short, for short evaluations, and grow to the interval.
    """

    def __init__(self, interval_seconds: float, timeout_seconds: float | None) -> None:
        if not (_is_number(interval_seconds) and interval_seconds > 0):
            raise ValueError(f"interval_seconds must be a number above 0, not {interval_seconds!r}")
        if timeout_seconds is not None and not (_is_number(timeout_seconds) and timeout_seconds >= 0):
            raise ValueError(f"timeout_seconds must be a number from 0 or None, not {timeout_seconds!r}")
        self._interval = interval_seconds
        self._deadline = math.inf if timeout_seconds is None else time.monotonic() + timeout_seconds
        self._pause = min(FIRST_PAUSE_SECONDS, interval_seconds)
        self._hold = 0.0
        self._asked_at = 0.0
        self._streams = True
        self._streamed = False
        self._stream_began = 0.0
        self._heard_at: float | None = None
        self._was_away = False

    @property
    def is_over(self) -> bool:
        """True once the time is up."""
        return time.monotonic() >= self._deadline

    @property
    def every(self) -> float:
        """Seconds after which a stream should tell how things stand, though nothing has changed."""
        return min(max(self._interval, EVENT_MIN_SECONDS), EVENT_MAX_SECONDS)

    def stream(self) -> float | None:
        """Return the seconds for which to follow a stream that begins now; None for no stream."""
        self._stream_began = time.monotonic()
        self._streamed = False
        left = self._deadline - self._stream_began
        return min(left, STREAM_MAX_SECONDS) if self._streams and left >= STREAM_MIN_SECONDS else None

    def streamed(self, events: int, *, ended: bool) -> None:
        """Note how a stream went.

        Args:
            events: how many came.
            ended: True if the last one told that the evaluation has ended.
        """
        lasted = time.monotonic() - self._stream_began
        self._streams = events > 0 and lasted >= STREAM_MIN_SECONDS
        self._streamed = self._streams or ended
        if events:
            self.heard()

    def heard(self) -> None:
        """Note that the server has answered: one that is away after that is waited for."""
        self._heard_at = time.monotonic()

    def hold(self) -> float:
        """Return the seconds the server may hold back the answer to a question asked now."""
        self._asked_at = time.monotonic()
        left = max(0.0, self._deadline - self._asked_at)
        # After a stream or an outage the question is only how things stand now.
        at_once = self._streamed or self._was_away
        self._was_away = False
        self._hold = 0.0 if at_once else min(self._interval, left, LONG_POLL_MAX_SECONDS)
        return self._hold

    def outage(self) -> float | None:
        """Return the seconds to rest after a question that did not reach the server; None to give up."""
        now = time.monotonic()
        if self._heard_at is None or now - self._heard_at >= OUTAGE_MAX_SECONDS or self.is_over:
            return None
        self._was_away = self._streams = True  # That the last stream broke off says nothing about the next.
        return min(FIRST_PAUSE_SECONDS, self._deadline - now)

    def pause(self) -> float | None:
        """Return the seconds to rest before the next question, or None if the time is up."""
        self.heard()
        now = time.monotonic()
        left = self._deadline - now
        if left <= 0:
            return None
        if now - self._asked_at >= self._hold / 2:
            return 0.0
        pause = min(self._pause, left)
        self._pause = min(self._pause * PAUSE_GROWTH, self._interval)
        return pause
