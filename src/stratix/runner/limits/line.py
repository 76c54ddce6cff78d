"""The prompts of one evaluation that wait for an endpoint."""

from __future__ import annotations

import asyncio
from collections import deque
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
    """A prompt in line: what wakes it, the tokens it will use, and how many came before it."""

    future: asyncio.Future[None]
    tokens: float
    ticket: int


class Line:
    """One evaluation in front of one endpoint; made by `Limiter.line`.

    Args:
        limiter: the endpoint's.
        priority: of several lines those with the lowest number go first.
        most: requests of this line in flight at once; None for as many as the endpoint takes.
        rate: what its model may be sent a minute; None for no limit.

    Attributes:
        in_flight: requests of this line that are being answered.
        waiting: prompts in line, the next one first.
        denied: the refusal of its key that came three times with no answer in between; None until then.
    """

    def __init__(self, limiter: Limiter, priority: int, most: int | None, rate: Rate | None) -> None:
        self.limiter = limiter
        self.priority = priority
        self.most = most
        self.rate = rate
        self.in_flight = 0
        self.waiting: deque[Waiter] = deque()
        self.listed = False
        self.denied: ProviderError | None = None
        self._denials = 0
        self._closed = False
        self._resting: set[asyncio.Future[None]] = set()

    async def enter(self, tokens: float = 0.0, *, again: bool = False) -> None:
        """Wait for a place among the requests in flight; give it back with `leave`.

        Args:
            tokens: how many the request may use.
            again: True for a prompt that has waited its turn before: it goes first.

        Raises:
            Unwanted: the line is closed.
            Refused: the endpoint refuses everybody, and has for too long.
        """
        if self._closed:
            raise Unwanted
        limiter = self.limiter
        if limiter.take(self, tokens):
            return
        waiter = limiter.put(self, tokens, again=again)
        try:
            await waiter.future
        except asyncio.CancelledError:
            if waiter.future.done() and not waiter.future.cancelled() and not waiter.future.exception():
                self.leave()  # The place came just as nobody wanted it any more.
            else:
                limiter.forget(self, waiter)
            raise

    def leave(self) -> None:
        """Give a place back."""
        self.limiter.leave(self)

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
        self.limiter.dismiss(self, Unwanted())
        for future in self._resting:
            if not future.done():
                future.set_exception(Unwanted())


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
