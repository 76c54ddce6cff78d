"""Measure answers once they are all in, in a process that is not in the way of the model calls."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from stratix import metrics
from stratix.metrics.process import CannotMeasure, MetricProcess
from stratix.runner.job import Job
from stratix.storage import evaluations
from stratix.storage import metrics as stored
from stratix.storage.database import Database, Record

log = logging.getLogger(__name__)

_BATCH = 200


class Measuring:
    """Gives the answers of evaluations their metrics; one a worker.

    Whatever happens to a metric costs its values, never an evaluation.

    Args:
        database: where the answers are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._process = MetricProcess()
        self._closed = False

    async def measure(self, job: Job, wanted: Callable[[], bool]) -> bool:
        """Measure every answer of an evaluation, once they are all stored; until then do nothing.

        Several slices may call it, and again after a crash: what is measured stays as it is.

        Args:
            job: the evaluation; its settings say which metrics.
            wanted: asked before each batch whether to go on.

        Returns:
            Whether nothing is left to measure. It is False for a slice whose evaluation has answers to
            come: the slice that stores the last of them measures, and ends the evaluation.
        """
        chosen = job.evaluation.settings.get("metrics")
        if not chosen:
            return True
        known = metrics.names()
        names = [name for name in chosen if name in known and metrics.problem(name) is None]
        if not names:
            return True
        async with job.measuring:
            async with self._database.read() as connection:
                row = await evaluations.get(connection, job.evaluation.id)
            if row is None or row.status != "in-progress" or row.done != row.total:
                return False
            return await self._measure(row.id, names, wanted)

    async def _measure(self, evaluation_id: str, names: Sequence[str], wanted: Callable[[], bool]) -> bool:
        given_up: set[str] = set()
        after = (-1, -1)
        while wanted():
            async with self._database.read() as connection:
                rows = await stored.answers(connection, evaluation_id, after, _BATCH)
            if not rows:
                return True
            after = (rows[-1].epoch, rows[-1].position)
            lacking = [row for row in rows if any(name not in row.metrics for name in names)]
            found = await self._batch(lacking, names, given_up)
            if self._closed:  # What broke then was not the metric.
                break
            if found:
                async with self._database.write() as connection:
                    await stored.store(connection, evaluation_id, found)
        return False

    async def _batch(
        self, rows: Sequence[Record], names: Sequence[str], given_up: set[str]
    ) -> list[tuple[int, int, dict[str, float | None]]]:
        """Return epoch, position and metrics of rows; a metric that breaks is given up for the others too."""
        texts = [row.answer[: metrics.MAX_CHARACTERS] for row in rows]
        found: list[dict[str, float | None]] = [{} for _ in rows]
        for name in names:
            values: list[float | None] = [None] * len(rows)
            if name not in given_up:
                try:
                    values = await self._process.values(name, texts)
                except CannotMeasure as error:
                    given_up.add(name)
                    log.warning("the metric %s is given up for an evaluation: %s", name, error)
            for measured, value in zip(found, values, strict=True):
                measured[name] = value
        # What a row has already wins: it was measured before a crash, or by a judge.
        return [
            (row.epoch, row.position, {**new, **row.metrics}) for row, new in zip(rows, found, strict=True)
        ]

    async def close(self) -> None:
        """End the process that measures."""
        self._closed = True
        await self._process.close()
