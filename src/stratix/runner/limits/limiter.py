"""Whose request goes out next to an endpoint, and when."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import time
from collections import deque
from collections.abc import Callable

from stratix.providers.base import ProviderError
from stratix.runner.limits.level import Level
from stratix.runner.limits.line import Line, Refused, Waiter
from stratix.runner.limits.rate import Rate

_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 2.0
_LATE = 0.005, 0.05
_OLDEST_FIRST = 10
"""Every tenth place goes to whoever has waited longest, whatever its priority, so that nobody starves."""


class Limiter:
    """Shared by everything in this process that calls one endpoint with one key.

    Lines of the same priority take turns; a lower number goes first, but for every tenth place.

    Args:
        most: requests in flight at once, at most; how many it bears it finds out.
        patience: seconds after which it is hopeless to wait for an endpoint that refuses everybody.

    Attributes:
        level: what the endpoint bears.
        in_flight: requests that are being answered.
        waiting: prompts in all lines.
        answers: how many requests have been answered.
        closed_until: when the next request may go out, by `time.monotonic`.
        share: places that this process may use, where it shares the endpoint with others; None while
            that is not known yet.
        wanted: called when somebody comes and the share is not known.
        closed: called when the endpoint closes.
    """

    def __init__(self, most: int, patience: float = 3600.0) -> None:
        self.level = Level(most)
        self.in_flight = 0
        self.waiting = 0
        self.answers = 0
        self.closed_until = -math.inf
        self.share: int | None = most
        self.wanted: Callable[[], None] = _nothing
        self.closed: Callable[[], None] = _nothing
        self._patience = patience
        self._rings: dict[int, deque[Line]] = {}
        self._tickets = itertools.count()
        self._granted = 0
        self._timer: asyncio.TimerHandle | None = None
        self._rates: dict[str, Rate] = {}
        self._part = 1.0
        self._refusal: ProviderError | None = None
        self._refusing_since = 0.0
        self._pauses = 0
        self._asked_until = -math.inf

    def line(self, priority: int = 0, most: int | None = None, rate: Rate | None = None) -> Line:
        """Open a line for an evaluation; see `Line`."""
        return Line(self, priority, most, rate)

    def rate(self, model: str, requests: int | None, tokens: int | None) -> Rate | None:
        """Return what a model may be sent a minute, the same for all its evaluations; None for no limit."""
        if not requests and not tokens:
            return None
        key = f"{model} {requests} {tokens}"
        if key not in self._rates:
            self._rates[key] = Rate(requests, tokens)
            self._rates[key].divide(self._part)
        return self._rates[key]

    @property
    def demand(self) -> int:
        """How many requests would be in flight if nobody else used the endpoint."""
        return min(int(self.level.places), self.in_flight + self.waiting)

    @property
    def priority(self) -> int:
        """The priority of the most urgent prompt in line; 0 where there is none."""
        lines = [line for ring in self._rings.values() for line in ring if line.head() is not None]
        return min((line.priority for line in lines), default=0)

    def allot(self, share: int, part: float, closed_for: float) -> None:
        """Take note of what other workers leave.

        Args:
            share: places that this process may use.
            part: of requests and tokens a minute, above 0.0 to 1.0.
            closed_for: seconds for which another worker found the endpoint closed.
        """
        self.share = share
        self._part = part
        for rate in self._rates.values():
            rate.divide(part)
        if closed_for > 0:
            self.closed_until = max(self.closed_until, time.monotonic() + closed_for)
        self._pump()

    def take(self, line: Line, tokens: float) -> bool:
        """Take a place at once, if there is one and nobody waits for it.

        Raises:
            Refused: see `Line.enter`.
        """
        if self.share is None:
            self.wanted()
        now = time.monotonic()
        if now < self.closed_until and self._refusal is not None and self._is_hopeless(now):
            raise Refused(self._refusal)
        if self.waiting or not self._room() or now < self.closed_until or _blocked(line):
            return False
        if line.rate and line.rate.wait(now, tokens) > 0:
            return False
        self._grant(line, tokens)
        return True

    def put(self, line: Line, tokens: float, rank: int) -> asyncio.Future[None]:
        """Put a prompt into its line; what is returned ends when it has a place."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.add(Waiter(rank, next(self._tickets), future, tokens))
        self.waiting += 1
        self._list(line)
        self._pump()
        return future

    def leave(self, line: Line) -> None:
        """Take a place back, and give it to the next."""
        self.in_flight -= 1
        line.in_flight -= 1
        if self.waiting:
            self._list(line)
            self._pump()

    def answered(self, seconds: float, exhausted_for: float | None) -> None:
        """Note that a request was answered, before its place is given back.

        Args:
            seconds: how long it took.
            exhausted_for: seconds until a limit that is used up lets more through; None where none is.
        """
        self.answers += 1
        self.level.answered(seconds, self.in_flight)
        self._refusal = None
        self._pauses = 0
        self._asked_until = -math.inf
        if exhausted_for is not None and exhausted_for <= self._patience:
            self._close(time.monotonic() + exhausted_for)

    def refused(self, sent_at: float, error: ProviderError) -> None:
        """Note that the endpoint refused a request, before its place is given back.

        While it answers most requests all the same, only the one that was refused waits. Once the endpoint
        as a whole refuses, nobody sends before its Retry-After is over, or a moment where it gives none.

        Args:
            sent_at: when the request was sent, by `time.monotonic`.
            error: the refusal.
        """
        now = time.monotonic()
        if self._refusal is None:
            self._refusing_since = now
        self._refusal = error
        asked = [seconds for seconds in (error.retry_after, error.exhausted_for) if seconds is not None]
        if asked:
            self._asked_until = max(self._asked_until, now + max(asked))
        certain = error.exhausted_for is not None
        if not self.level.refused(now, sent_at, self.in_flight, certain=certain):
            return
        if self._asked_until > now:
            self._close(self._asked_until)
        elif self.level.halved_at == now:
            self._pauses += 1
            if self._pauses > 1:  # Not one answer since it was halved before.
                longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**self._pauses)
                self._close(now + random.uniform(0, longest))  # noqa: S311  # no secret
        if self._is_hopeless(now):
            for line in [line for ring in self._rings.values() for line in ring]:
                line.dismiss(Refused(error))

    def _is_hopeless(self, now: float) -> bool:
        refused_for_long = now < self.closed_until and now - self._refusing_since > self._patience
        return self._refusal is not None and (refused_for_long or self.closed_until - now > self._patience)

    def _close(self, until: float) -> None:
        if until > self.closed_until:
            self.closed_until = until
            self.closed()

    def _room(self) -> bool:
        return self.share is not None and self.in_flight < min(self.share, self.level.room)

    def _grant(self, line: Line, tokens: float) -> None:
        self.in_flight += 1
        line.in_flight += 1
        self._granted += 1
        if line.rate:
            line.rate.take(tokens)

    def _list(self, line: Line) -> None:
        if not line.listed and line.head() is not None and not _blocked(line):
            line.listed = True
            self._rings.setdefault(line.priority, deque()).append(line)

    def _pump(self) -> None:
        """Give the places there are to those who wait."""
        if not self.waiting:
            return
        now = time.monotonic()
        if now < self.closed_until:
            # A little late: several workers may have been told the same moment.
            self._wake_at(self.closed_until + random.uniform(*_LATE))  # noqa: S311  # no secret
            return
        while self.waiting and self._room():
            found = self._next(now)
            if found is None:
                return
            line, waiter = found
            self.waiting -= 1
            self._grant(line, waiter.tokens)
            waiter.future.set_result(None)

    def _next(self, now: float) -> tuple[Line, Waiter] | None:
        """Return whose turn it is; None where all of them have to wait."""
        if len(self._rings) > 1 and self._granted % _OLDEST_FIRST == 0:
            oldest = self._oldest(now)
            if oldest is not None:
                return oldest
        soonest = math.inf
        for priority in sorted(self._rings):
            ring = self._rings[priority]
            for _ in range(len(ring)):
                line = ring.popleft()
                head = line.head()
                if head is None or _blocked(line):
                    line.listed = False  # It is listed again when somebody comes, or leaves.
                    continue
                ring.append(line)
                wait = line.rate.wait(now, head.tokens) if line.rate else 0.0
                if wait <= 0:
                    return line, head
                soonest = min(soonest, wait)
            if not ring:
                del self._rings[priority]
        if soonest < math.inf:
            self._wake_at(now + soonest)
        return None

    def _oldest(self, now: float) -> tuple[Line, Waiter] | None:
        """Return who has waited longest of those that could go."""
        free = []
        for line in (line for ring in self._rings.values() for line in ring if not _blocked(line)):
            head = line.head()
            if head is not None and (line.rate is None or line.rate.wait(now, head.tokens) <= 0):
                free.append((line, head))
        return min(free, key=lambda found: found[1].ticket, default=None)

    def _wake_at(self, moment: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + moment - time.monotonic()
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = loop.call_at(due, self._woken)

    def _woken(self) -> None:
        self._timer = None
        self._pump()


def _blocked(line: Line) -> bool:
    return line.most is not None and line.in_flight >= line.most


def _nothing() -> None:
    return
