"""Any filter and order over a million results, from columns of numbers in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerlens.models import Outcome
from stratix.evaluations.columns import Bools, Columns, Floats, Subsets, T, asked
from stratix.evaluations.exploring import Cursor, Found, View
from stratix.evaluations.lifecycle import FINISHED
from stratix.storage import exploring
from stratix.storage.database import Record
from stratix.storage.text_index import TextIndexes

_CODES = {outcome.value: code for code, outcome in enumerate(Outcome, start=1)}
_PATIENCE = 10
"""What was read of a running evaluation serves for so many times as long as it took."""


@dataclass(frozen=True, slots=True)
class Details:
    """What results are filtered and sorted by: each in one row, epoch by epoch.

    Attributes:
        codes: of the outcome; 0 where there is no result.
        cached: whether the answer came from the cache.
        scores: 0.0 to 1.0.
        latency: milliseconds.
        tokens: written; -1 where that is not known.
        length: characters of the answer.
    """

    codes: NDArray[np.uint8]
    cached: Bools
    scores: Floats
    latency: Floats
    tokens: NDArray[np.int32]
    length: NDArray[np.int32]

    @property
    def nbytes(self) -> int:
        """Bytes of memory it takes: 26 a result."""
        columns = (self.codes, self.cached, self.scores, self.latency, self.tokens, self.length)
        return sum(column.nbytes for column in columns)


class Selecting:
    """Finds pages of results.

    Args:
        columns: keeps what cannot change any more.
        indexes: of the texts of evaluations that have finished.
    """

    def __init__(self, columns: Columns, indexes: TextIndexes) -> None:
        self._columns = columns
        self._indexes = indexes
        self._recent: dict[Hashable, tuple[float, Any]] = {}

    async def page(
        self, evaluation: Record, view: View, cursor: Cursor | None, size: int, skip: int
    ) -> Found:
        """Return a page; see `stratix.evaluations.exploring.find`."""
        columns = self._columns
        # A search alone finds only what is there.
        details = await self._details(evaluation) if view.detailed or not view.search else None
        subsets = None
        if evaluation.version_id is not None and (view.subset is not None or view.sort_by == "subset"):
            subsets = await columns.subsets(evaluation.version_id)
        containing = None
        if view.search:
            containing = await self._recently(
                ("containing", view.search),
                evaluation,
                lambda: self._containing(evaluation, view.search),
            )
        return await asyncio.to_thread(
            _select, details, subsets, containing, asked(evaluation), view, cursor, size, skip
        )

    async def key(self, evaluation: Record, view: View, place: tuple[int, int]) -> float:
        """Return what a result is sorted by in a view."""
        width = asked(evaluation)
        if view.sort_by == "position":
            return float(place[0] * width + place[1])
        details = await self._details(evaluation)
        subsets = None
        if view.sort_by == "subset" and evaluation.version_id is not None:
            subsets = await self._columns.subsets(evaluation.version_id)
        at = np.array([place[0] * width + place[1]])
        return float(_keys(details, subsets, width, view, at)[0]) if at[0] < len(details.codes) else 0.0

    async def _details(self, evaluation: Record) -> Details:
        return await self._recently(
            "details",
            evaluation,
            lambda: self._columns.of_one("details", evaluation, lambda: self._load(evaluation)),
        )

    async def _recently(self, kind: Hashable, evaluation: Record, load: Callable[[], Awaitable[T]]) -> T:
        """Return what is read of an evaluation, for a while without what has come since then."""
        if evaluation.status in FINISHED:
            return await load()
        key, now = (kind, evaluation.id, evaluation.generation), time.monotonic()
        self._recent = {each: kept for each, kept in self._recent.items() if kept[0] > now}
        if key not in self._recent:
            loaded = await load()
            took = time.monotonic() - now
            self._recent[key] = (now + took + max(1.0, took * _PATIENCE), loaded)
        found: T = self._recent[key][1]
        return found

    async def _containing(self, evaluation: Record, text: str) -> Bools:
        """Return where prompt, truth or answer contains a text, by epoch and position."""
        if evaluation.status in FINISHED:
            places = await self._indexes.find(evaluation, text)
            if places is not None:
                found = np.zeros(asked(evaluation) * evaluation.epochs, np.bool_)
                found[places] = True
                return found.reshape(evaluation.epochs, -1)
        return await self._columns.containing(evaluation, text, in_prompts=True)

    async def _load(self, evaluation: Record) -> Details:
        width = asked(evaluation)
        size = width * evaluation.epochs
        found = Details(
            np.zeros(size, np.uint8),
            np.zeros(size, np.bool_),
            np.zeros(size),
            np.zeros(size),
            np.full(size, -1, np.int32),
            np.zeros(size, np.int32),
        )
        async for epoch, texts in exploring.columns(self._columns.database, evaluation):
            await asyncio.to_thread(_fill, found, epoch * width, texts)
        return found


def _fill(found: Details, offset: int, texts: tuple[str, ...]) -> None:
    positions, marks, scores, latency, tokens, length = (
        np.fromstring(text, np.float64 if column in (2, 3) else np.int64, sep=",")
        for column, text in enumerate(texts)
    )
    at = positions + offset
    found.codes[at], found.cached[at] = np.divmod(marks, 2)
    found.scores[at], found.latency[at] = scores, latency
    found.tokens[at], found.length[at] = tokens, length


def _select(
    details: Details | None,
    subsets: Subsets | None,
    containing: Bools | None,
    width: int,
    view: View,
    cursor: Cursor | None,
    size: int,
    skip: int,
) -> Found:
    at = np.flatnonzero(_mask(details, subsets, containing, width, view))
    keys = _keys(details, subsets, width, view, at)
    if view.order == "desc":
        keys = -keys
    rest, total = np.ones(len(at), np.bool_), len(at)
    backwards = cursor is not None and cursor.side == "before"
    if cursor is not None:
        own = -cursor.key if view.order == "desc" else cursor.key
        flat = cursor.place[0] * width + cursor.place[1]
        rest = (keys > own) | ((keys == own) & (at > flat))
        if backwards:
            rest = (keys < own) | ((keys == own) & (at < flat))
    left = np.flatnonzero(rest)
    if backwards:  # The last ones, which are the first ones seen from behind.
        chosen = left[::-1][_smallest(-keys[left[::-1]], skip + size)][skip:][::-1]
        first = max(0, len(left) - skip - size)
    else:
        chosen = left[_smallest(keys[left], skip + size)][skip:]
        first = total - len(left) + skip
    shown = keys[chosen]
    return Found(
        places=[divmod(place, width) for place in at[chosen].tolist()],
        keys=(-shown if view.order == "desc" else shown).tolist(),
        total=total,
        first=first,
        has_previous=first > 0,
        has_next=first + len(chosen) < total,
    )


def _mask(
    details: Details | None, subsets: Subsets | None, containing: Bools | None, width: int, view: View
) -> Bools:
    if details is not None:
        mask = _detailed(details, view)
    else:
        mask = np.zeros(0, np.bool_) if containing is None else containing.flatten()
    # By epoch and position, where that is what is known.
    by_epoch = mask.reshape(-1, width) if width else mask.reshape(0, 0)
    if view.epoch is not None:
        by_epoch[: view.epoch] = False
        by_epoch[view.epoch + 1 :] = False
    if view.subset is not None and subsets is not None:
        code = subsets.names.index(view.subset) if view.subset in subsets.names else -1
        by_epoch &= subsets.codes[:width] == code
    if containing is not None:
        by_epoch &= containing
    return mask


def _detailed(details: Details, view: View) -> Bools:
    mask: Bools = details.codes > 0
    if view.outcomes:
        mask = np.isin(details.codes, [_CODES[name] for name in view.outcomes])
    ranges = ((view.score, details.scores), (view.tokens, details.tokens), (view.latency, details.latency))
    for (least, most), column in ranges:
        if least is not None:
            mask &= column >= least
        if most is not None:
            mask &= column <= most
        if (least, most) != (None, None) and column is details.tokens:
            mask &= column >= 0
    if view.cached is not None:
        mask &= details.cached == view.cached
    return mask


def _keys(
    details: Details | None, subsets: Subsets | None, width: int, view: View, at: NDArray[np.intp]
) -> Floats:
    """Return what the results at some places are sorted by."""
    if view.sort_by == "position":
        return at.astype(np.float64)
    if view.sort_by == "subset":
        return subsets.codes[at % width].astype(np.float64) if subsets is not None else np.zeros(len(at))
    assert details is not None, "an order by a detail needs the details"
    columns: dict[str, NDArray[Any]] = {
        "outcome": details.codes,
        "score": details.scores,
        "tokens": details.tokens,
        "latency": details.latency,
        "length": details.length,
    }
    return columns[view.sort_by][at].astype(np.float64)


def _smallest(keys: Floats, count: int) -> NDArray[np.intp]:
    """Return where the smallest keys are, in their order; of equal ones those that come first."""
    if count >= len(keys):
        return np.argsort(keys, kind="stable")
    bound = np.partition(keys, count - 1)[count - 1]
    below = np.flatnonzero(keys < bound)
    ties = np.flatnonzero(keys == bound)[: count - len(below)]
    among = np.sort(np.concatenate([below, ties]))
    return among[np.argsort(keys[among], kind="stable")]
