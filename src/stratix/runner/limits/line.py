"""The prompts of one evaluation that wait for an endpoint."""

from __future__ import annotations

import asyncio
import heapq
from typing import TYPE_CHECKING, NamedTuple

from stratix.providers.base import ProviderError
from stratix.runner.limits.rate import Rate

if TYPE_CHECKING:
    from stratix.runner.limits.limiter import Limiter

_DENIALS = 3


class Unwanted(Exception):
    """The evaluation has moved on while this prompt waited for its turn; nothing was sent."""


class Refused(Exception):
    """The endpoint has refused everybody for so long, or wants to, that waiting on makes no sense.

    Attributes:
        error: the refusal.
    """

    def __init__(self, error: ProviderError) -> None:
        super().__init__(error.message)
        self.error = error


class Waiter(NamedTuple):
    """A prompt in line: its rank, how many came before it, what wakes it, and the tokens it will use."""

    rank: int
    ticket: int
    future: asyncio.Future[None]
    tokens: float


class Line:
    """One evaluation in front of one endpoint; made by `Limiter.line`.

    Args:
        limiter: the endpoint's.
        priority: of several lines those with the lowest number go first.
        most: requests of this line in flight at once; None for as many as the endpoint takes.
        rate: what its model may be sent a minute; None for no limit.

    Attributes:
        in_flight: requests of this line that are being answered.
        denied: the refusal of its key that came three times with no answer in between; None until then.
    """

    def __init__(self, limiter: Limiter, priority: int, most: int | None, rate: Rate | None) -> None:
        self.limiter = limiter
        self.priority = priority
        self.most = most
        self.rate = rate
        self.in_flight = 0
        self._waiting: list[Waiter] = []
        self.listed = False
        self.denied: ProviderError | None = None
        self._denials = 0
        self._closed = False
        self._resting: set[asyncio.Future[None]] = set()

    async def enter(self, tokens: float = 0.0, rank: int = 0) -> None:
        """Wait for a place among the requests in flight; give it back with `leave`.

        Args:
            tokens: how many the request may use.
            rank: of those in line the lowest goes first.

        Raises:
            Unwanted: the line is closed.
            Refused: the endpoint refuses everybody, and has for too long.
        """
        if self._closed:
            raise Unwanted
        limiter = self.limiter
        if limiter.take(self, tokens):
            return
        future = limiter.put(self, tokens, rank)
        try:
            await future
        except asyncio.CancelledError:
            if future.cancelled():
                limiter.waiting -= 1
            elif not future.exception():
                self.leave()  # The place came just as nobody wanted it any more.
            raise

    def leave(self) -> None:
        """Give a place back."""
        self.limiter.leave(self)

    def add(self, waiter: Waiter) -> None:
        """Put a prompt in line."""
        heapq.heappush(self._waiting, waiter)

    def head(self) -> Waiter | None:
        """Return who is next; None where nobody waits."""
        while self._waiting and self._waiting[0].future.done():
            heapq.heappop(self._waiting)
        return self._waiting[0] if self._waiting else None

    def dismiss(self, reason: Exception) -> None:
        """Send away everybody who waits for a place."""
        for waiter in self._waiting:
            if not waiter.future.done():
                waiter.future.set_exception(reason)
                self.limiter.waiting -= 1
        self._waiting.clear()

    async def rest(self, seconds: float) -> None:
        """Wait between two attempts, without a place.

        Raises:
            Unwanted: the line was closed meanwhile.
        """
        if self._closed:
            raise Unwanted
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(seconds, _wake, future)
        self._resting.add(future)
        try:
            await future
        finally:
            timer.cancel()
            self._resting.discard(future)

    def count(self, failure: ProviderError | None) -> None:
        """Note whether a request was answered, or why not; after three denials in a row the line closes."""
        if failure is None:
            self._denials = 0
        elif failure.denied:
            self._denials += 1
            if self._denials >= _DENIALS and self.denied is None:
                self.denied = failure
                self.close()

    def close(self) -> None:
        """Send nothing more: whoever waits is told so, and whoever comes."""
        self._closed = True
        self.dismiss(Unwanted())
        for future in self._resting:
            if not future.done():
                future.set_exception(Unwanted())


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
