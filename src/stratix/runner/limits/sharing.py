"""Divide what an endpoint bears among the workers that call it, on this machine and others."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import time
from collections.abc import Sequence

from stratix.catalogue import Endpoint
from stratix.runner.limits.limiter import Limiter
from stratix.storage import shares
from stratix.storage.database import Database
from stratix.storage.identifiers import new_id
from stratix.storage.shares import Share

log = logging.getLogger(__name__)

_SECONDS = 0.5
_AT_LEAST = 0.05
_IDLE_ROUNDS = 4
_PATIENCE = 1.0


class Sharing:
    """Keeps this worker's row for each endpoint it is calling, and reads the others'.

    A worker that wants more takes only what is free, and one that must give some up keeps counting what it
    still has in flight: so together they do not pass the limit while they come and go, except that each
    has one place. A worker that says nothing for three seconds has none any more. While the database is
    away, everybody goes on with what they had.

    Args:
        database: where the rows are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._worker = new_id("caller")
        self._limiters: dict[str, Limiter] = {}
        self._idle: dict[str, int] = {}
        self._needed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._blind = False

    def add(self, endpoint: Endpoint, limiter: Limiter) -> None:
        """Share an endpoint with whoever calls it with the same key."""
        limiter.share = None
        limiter.wanted = limiter.closed = self._needed.set
        self._limiters[identity(endpoint)] = limiter
        if self._task is None:
            self._task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        while True:
            await self._needed.wait()
            self._needed.clear()
            try:
                async with asyncio.timeout(_PATIENCE if self._is_awaited() else None):
                    await self._refresh()
                self._blind = False
            except Exception as error:
                if not self._blind:
                    log.warning("what other workers send is not known for the moment: %s", error)
                self._blind = True
                for limiter in self._limiters.values():
                    if limiter.share is None and limiter.demand:
                        limiter.allot(limiter.level.most, 1.0, 0.0)
            await asyncio.sleep(_AT_LEAST)
            if self._idle:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_SECONDS):
                        await self._needed.wait()
                self._needed.set()

    def _is_awaited(self) -> bool:
        return any(limiter.share is None and limiter.demand for limiter in self._limiters.values())

    async def _refresh(self) -> None:
        """Tell what this worker wants, and take its part."""
        over = []
        for endpoint, limiter in self._limiters.items():
            if limiter.demand or (endpoint in self._idle and limiter.closed_until > time.monotonic()):
                self._idle[endpoint] = 0
            elif endpoint in self._idle:
                self._idle[endpoint] += 1
                if self._idle[endpoint] > _IDLE_ROUNDS:
                    over.append(endpoint)
        for endpoint in over:
            del self._idle[endpoint]
            self._limiters[endpoint].share = None
        if not self._idle and not over:
            return
        async with self._database.write() as connection:
            if over:
                await shares.give_back(connection, self._database, self._worker, over)
            found = await shares.others(connection, self._database, self._worker, self._idle)
            parts = {endpoint: self._divide(endpoint, others) for endpoint, others in found.items()}
            own = {endpoint: share for endpoint, (_, _, share) in parts.items()}
            await shares.put(connection, self._database, self._worker, own)
        for endpoint, (places, part, _) in parts.items():
            closed_for = max((other.closed_for for other in found[endpoint]), default=0.0)
            self._limiters[endpoint].allot(places, part, closed_for)

    def _divide(self, endpoint: str, others: Sequence[Share]) -> tuple[int, float, Share]:
        """Return the places this worker may use, its part of what may be sent a minute, and what to write."""
        limiter = self._limiters[endpoint]
        most, demand = limiter.level.most, max(1, limiter.demand)
        priority = limiter.priority
        demands = [demand, *(other.demand for other in others)]
        fair = divide(most, demands, [priority, *(other.priority for other in others)])
        free = most - sum(other.places for other in others)
        places = max(1, min(fair[0], free))
        if limiter.share is not None:
            limiter.share = min(limiter.share, places)
        closed_for = max(0.0, limiter.closed_until - time.monotonic())
        # What is in flight cannot be given up, so the others must go on counting with it.
        share = Share(demand, priority, max(places, limiter.in_flight), closed_for)
        return places, max(1, fair[0]) / max(1, sum(fair)), share

    async def close(self) -> None:
        """Give everything back."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        with contextlib.suppress(Exception):  # If the database is away, the others will notice by themselves.
            async with asyncio.timeout(_PATIENCE), self._database.write() as connection:
                await shares.give_back(connection, self._database, self._worker, list(self._limiters))


def identity(endpoint: Endpoint) -> str:
    """Return what tells an endpoint and its key from others, and gives neither away."""
    return hashlib.sha256(f"{endpoint.base_url}\n{endpoint.api_key or ''}".encode()).hexdigest()


def divide(most: int, demands: Sequence[int], priorities: Sequence[int]) -> list[int]:
    """Divide places among workers, nine in ten to those with the most urgent work if they want as many.

    Args:
        most: the places there are.
        demands: how many each wants, from 1.
        priorities: of the most urgent work of each; the lowest number goes first.

    Returns:
        What each gets; together at most `most`.
    """
    first = [index for index, priority in enumerate(priorities) if priority == min(priorities)]
    rest = [index for index in range(len(demands)) if index not in first]
    wanted_by_rest = sum(demands[index] for index in rest)
    kept = min(wanted_by_rest, max(len(rest), most // 10))
    # What the others do not want is for the first to grow into.
    to_first = max(min(sum(demands[index] for index in first), most - kept), most - wanted_by_rest, 0)
    given = dict(zip(first, _evenly(to_first, [demands[index] for index in first]), strict=True))
    given |= zip(rest, _evenly(most - to_first, [demands[index] for index in rest]), strict=True)
    return [given[index] for index in range(len(demands))]


def _evenly(most: int, demands: Sequence[int]) -> list[int]:
    """Divide by demand: nobody gets more than the others while one wants more than it has.

    What nobody wants is spread evenly, so that each may grow at once.

    Source: max-min fairness, D. Bertsekas, R. Gallager, "Data Networks", 2nd edition, 1992, section 6.5.2.
    """
    given = [0] * len(demands)
    left = most
    by_demand = sorted(range(len(demands)), key=demands.__getitem__)
    for done, index in enumerate(by_demand):
        given[index] = min(demands[index], left // (len(demands) - done))
        left -= given[index]
    return [places + left // len(demands) for places in given]
