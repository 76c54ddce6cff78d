"""Any filter and order over a million results, from columns of numbers in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from layerlens.models import Outcome
from stratix.evaluations.columns import Bools, Columns, Floats, Subsets
from stratix.evaluations.exploring import Cursor, Found, View
from stratix.evaluations.lifecycle import FINISHED
from stratix.evaluations.reading_columns import asked
from stratix.evaluations.stored_columns import Arrays
from stratix.storage.database import Record

T = TypeVar("T")

_CODES = {outcome.value: code for code, outcome in enumerate(Outcome, start=1)}
_PATIENCE = 10
"""What was read of a running evaluation serves for so many times as long as it took."""


class Selecting:
    """Finds pages of results.

    Args:
        columns: keeps what cannot change any more.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._recent: dict[Hashable, tuple[float, Any]] = {}

    async def page(
        self, evaluation: Record, view: View, cursor: Cursor | None, size: int, skip: int
    ) -> Found:
        """Return a page; see `stratix.evaluations.exploring.find`."""
        columns = self._columns
        # A search alone finds only what is there.
        details = await self._details(evaluation, view) if view.detailed or not view.search else None
        subsets = None
        if evaluation.version_id is not None and (view.subset is not None or view.sort_by == "subset"):
            subsets = await columns.subsets(evaluation.version_id)
        containing = None
        if view.search:
            containing = await self._recently(
                ("containing", view.search),
                evaluation,
                lambda: columns.containing(evaluation, view.search, in_prompts=True),
            )
        return await asyncio.to_thread(
            _select, details, subsets, containing, asked(evaluation), view, cursor, size, skip
        )

    async def key(self, evaluation: Record, view: View, place: tuple[int, int]) -> float:
        """Return what a result is sorted by in a view."""
        width = asked(evaluation)
        if view.sort_by == "position":
            return float(place[0] * width + place[1])
        details = await self._details(evaluation, view)
        subsets = None
        if view.sort_by == "subset" and evaluation.version_id is not None:
            subsets = await self._columns.subsets(evaluation.version_id)
        at = np.array([place[0] * width + place[1]])
        return float(_keys(details, subsets, width, view, at)[0]) if at[0] < len(details["codes"]) else 0.0

    async def _details(self, evaluation: Record, view: View) -> Arrays:
        names = ("codes", *_needed(view))
        return await self._recently("details", evaluation, lambda: self._columns.results(evaluation, *names))

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


_COLUMNS = {"score": "scores", "tokens": "tokens", "latency": "latency", "length": "length"}


def _needed(view: View) -> list[str]:
    """Return the columns that a view looks at besides the outcomes."""
    bounds = {"score": view.score, "tokens": view.tokens, "latency": view.latency}
    wanted = [name for name, bound in bounds.items() if bound != (None, None)]
    if view.sort_by in _COLUMNS:
        wanted.append(view.sort_by)
    return sorted({_COLUMNS[name] for name in wanted}) + ["cached"] * (view.cached is not None)


def _select(
    details: Arrays | None,
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
    details: Arrays | None, subsets: Subsets | None, containing: Bools | None, width: int, view: View
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


def _detailed(details: Arrays, view: View) -> Bools:
    mask: Bools = details["codes"] > 0
    if view.outcomes:
        mask = np.isin(details["codes"], [_CODES[name] for name in view.outcomes])
    for name, (least, most) in (("scores", view.score), ("tokens", view.tokens), ("latency", view.latency)):
        if least is not None:
            mask &= details[name] >= least
        if most is not None:
            mask &= details[name] <= most
        if (least, most) != (None, None) and name == "tokens":
            mask &= details[name] >= 0
    if view.cached is not None:
        mask &= details["cached"] == view.cached
    return mask


def _keys(
    details: Arrays | None, subsets: Subsets | None, width: int, view: View, at: NDArray[np.intp]
) -> Floats:
    """Return what the results at some places are sorted by."""
    if view.sort_by == "position":
        return at.astype(np.float64)
    if view.sort_by == "subset":
        return subsets.codes[at % width].astype(np.float64) if subsets is not None else np.zeros(len(at))
    assert details is not None, "an order by a detail needs the details"
    column = details["codes" if view.sort_by == "outcome" else _COLUMNS[view.sort_by]]
    return column[at].astype(np.float64)


def _smallest(keys: Floats, count: int) -> NDArray[np.intp]:
    """Return where the smallest keys are, in their order; of equal ones those that come first."""
    if count >= len(keys):
        return np.argsort(keys, kind="stable")
    bound = np.partition(keys, count - 1)[count - 1]
    below = np.flatnonzero(keys < bound)
    ties = np.flatnonzero(keys == bound)[: count - len(below)]
    among = np.sort(np.concatenate([below, ties]))
    return among[np.argsort(keys[among], kind="stable")]
