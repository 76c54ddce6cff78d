"""What this process counts as it works: calls, answers, tokens, cost; and where these numbers go.

Counting is a few additions to a dict for each prompt. Every few seconds what was counted is added to the
platform's counters, which the server shows as metrics.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from stratix.providers.base import Completion, Provider, ProviderError
from stratix.storage import counters
from stratix.storage.counters import Series
from stratix.storage.database import Database

log = logging.getLogger(__name__)

PUBLISH_SECONDS = 5.0

_BUCKETS = tuple(map(float, counters.LATENCY_BOUNDS))
_BOUNDS = (*counters.LATENCY_BOUNDS, "+Inf")


class Meter:
    """The numbers of this process that are not published yet."""

    def __init__(self) -> None:
        self._counted: defaultdict[Series, float] = defaultdict(float)

    def called(self, provider: str, outcome: str, seconds: float) -> None:
        """Count a request to a model.

        Args:
            provider: key of the provider; `custom` for custom models.
            outcome: `ok`, or what went wrong.
            seconds: until it was answered or had failed.
        """
        counted = self._counted
        counted["calls", provider, outcome] += 1
        counted["seconds", provider, _BOUNDS[bisect_left(_BUCKETS, seconds)]] += 1
        counted["seconds_sum", provider] += seconds

    def answered(self, provider: str, model: str, row: Mapping[str, Any]) -> None:
        """Count a result.

        Args:
            provider: key of the provider of the model; `custom` for custom models.
            model: its key in the catalogue; `custom` for custom models.
            row: of the table `results`.
        """
        counted = self._counted
        counted["results", provider, model, row["outcome"]] += 1
        if row["attempts"] > 1:
            counted["retries", provider] += row["attempts"] - 1
        if row["cached"]:
            counted["cached", provider, model] += 1
        else:
            for kind in ("input", "output"):
                counted["tokens", provider, model, kind] += row[f"tokens_{kind}"] or 0
        for kind in ("input", "output"):
            if tokens := row[f"judge_tokens_{kind}"]:
                counted["tokens", provider, model, f"judge_{kind}"] += tokens
        if row["cost"]:
            counted["cost", provider, model] += row["cost"]

    def worked(self) -> None:
        """Count a slice that was worked off."""
        self._counted["slices",] += 1

    def take(self) -> dict[Series, float]:
        """Return what was counted since the last time."""
        taken, self._counted = self._counted, defaultdict(float)
        return dict(taken)

    def give_back(self, taken: Mapping[Series, float]) -> None:
        """Count again what could not be published."""
        for series, value in taken.items():
            self._counted[series] += value


class Metered(Provider):
    """A provider whose requests are counted.

    Args:
        provider: asked.
        key: the provider's key; `custom` for custom models.
        meter: counts.
    """

    def __init__(self, provider: Provider, key: str, meter: Meter) -> None:
        self._provider = provider
        self._key = key
        self._meter = meter
        self.name = provider.name
        self.concurrency = provider.concurrency

    async def complete(self, body: Mapping[str, Any]) -> Completion:
        """Send one request."""
        try:
            answer = await self._provider.complete(body)
        except ProviderError as error:
            self._meter.called(self._key, outcome_of(error), error.duration_ms / 1000)
            raise
        self._meter.called(self._key, "ok", answer.duration_ms / 1000)
        return answer

    async def close(self) -> None:
        """Close its connections."""
        await self._provider.close()


def outcome_of(error: ProviderError) -> str:
    """Return what went wrong in one word: the HTTP status, or what kept an answer from coming."""
    if error.status is not None and error.status >= 400:
        return str(error.status)
    if error.status is not None:
        return "unreadable"
    return "timeout" if error.overloaded else "connection"


class Publisher:
    """Brings what was counted to the database every few seconds.

    Args:
        database: where the counters are.
        meter: counts.
        worker: this worker's name.
        gauges: tells how things stand.
    """

    def __init__(
        self, database: Database, meter: Meter, worker: str, gauges: Callable[[], dict[Series, float]]
    ) -> None:
        self._database = database
        self._meter = meter
        self._worker = worker
        self._gauges = gauges
        self._told: dict[Series, float] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._publish_on())

    async def _publish_on(self) -> None:
        while True:
            await asyncio.sleep(PUBLISH_SECONDS)
            try:
                await self._publish()
            except Exception as error:
                log.warning("metrics could not be published, and will be later: %s", error)

    async def _publish(self) -> None:
        gauges, counted = self._gauges(), self._meter.take()
        if not counted and gauges == self._told:
            return
        try:
            async with self._database.write() as connection:
                await counters.add(connection, self._database, counted)
                await counters.put_gauges(connection, self._worker, gauges)
        except BaseException:
            self._meter.give_back(counted)
            raise
        self._told = gauges

    async def close(self) -> None:
        """Publish what is left."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        with contextlib.suppress(Exception):  # A database that is away must not hold up the end.
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self._publish()
