"""Looking through the results of an evaluation: filtered, sorted, a page at a time from wherever one is.

A page begins after a result or ends before one, so no row is skipped or comes twice however many results
arrive between two pages. What an index can answer is asked of the database; all else is worked out from
columns of numbers in memory, see `stratix.evaluations.selecting`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import orjson

from layerlens.models import ResultSort, SortOrder
from stratix.storage import exploring
from stratix.storage.comparison import Place
from stratix.storage.database import Database, Record

if TYPE_CHECKING:
    from stratix.evaluations.selecting import Selecting

Selector = Callable[[], Awaitable["Selecting"]]
"""Makes what needs numbers in memory, on first use: its library is slow to import."""


@dataclass(frozen=True, slots=True)
class View:
    """Which results are looked at, and in which order.

    Attributes:
        outcomes: only these; none stands for all.
        subset: only this part of the benchmark.
        search: what prompt, truth or answer contains, in any case.
        score: least and most, 0.0 to 1.0; None has no bound, here and below.
        tokens: least and most tokens written.
        latency: least and most milliseconds until the answer was there.
        epoch: only this one, from 0.
        cached: only answers that came from the cache, or only those that did not.
        sort_by: what the results are sorted by; of two that are equal there the earlier prompt comes first.
        order: ascending or descending; what is not known counts as the least.
    """

    outcomes: tuple[str, ...] = ()
    subset: str | None = None
    search: str = ""
    score: tuple[float | None, float | None] = (None, None)
    tokens: tuple[float | None, float | None] = (None, None)
    latency: tuple[float | None, float | None] = (None, None)
    epoch: int | None = None
    cached: bool | None = None
    sort_by: ResultSort = "position"
    order: SortOrder = "asc"

    @property
    def plain(self) -> bool:
        """Whether only outcomes or a subset are filtered, in the order of the prompts."""
        if self.outcomes and self.subset is not None:
            return False
        rest = (self.search, self.epoch, self.cached, *self.score, *self.tokens, *self.latency)
        return (self.sort_by, self.order) == ("position", "asc") and not any(
            value not in (None, "") for value in rest
        )

    @property
    def detailed(self) -> bool:
        """Whether results are filtered or sorted by more than where they stand."""
        filters = (self.outcomes or None, self.cached, *self.score, *self.tokens, *self.latency)
        return self.sort_by not in ("position", "subset") or any(value is not None for value in filters)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in an order, from which a page goes forwards or backwards.

    Attributes:
        side: `after` the result, or `before` it.
        key: what the results are sorted by, at that result.
        place: epoch and position of that result.
    """

    side: Literal["after", "before"]
    key: float
    place: Place


SIDES: tuple[Literal["before"], Literal["after"]] = ("before", "after")
START = Cursor("after", 0.0, (-1, -1))


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what is looked at.

    Attributes:
        places: epoch and position of each result.
        keys: what they are sorted by.
        total: results on all pages.
        first: how many come before the first of these; None where that is not known.
        has_previous: whether some come before.
        has_next: whether some come after.
    """

    places: list[Place]
    keys: list[float]
    total: int
    first: int | None
    has_previous: bool
    has_next: bool


async def find(
    database: Database,
    evaluation: Record,
    view: View,
    cursor: Cursor | None,
    size: int,
    skip: int,
    selector: Selector,
) -> Found:
    """Return a page of an evaluation's results.

    Args:
        database: to read from.
        evaluation: it may still be running.
        view: which results, in which order.
        cursor: where the page begins or ends; None is the beginning.
        size: most results on it.
        skip: results to leave out from there on.
        selector: for what no index answers.
    """
    if skip == 0 and view.plain:
        is_filled = bool(evaluation.total) and evaluation.done == evaluation.total
        if view.subset is None or is_filled:
            return await _walk(database, evaluation, view, cursor or START, size)
    return await (await selector()).page(evaluation, view, cursor, size, skip)


async def _walk(database: Database, evaluation: Record, view: View, cursor: Cursor, size: int) -> Found:
    backwards = cursor.side == "before"
    async with database.read() as connection:
        if view.subset is not None:
            step = exploring.walk_subset(
                connection, evaluation, view.subset, cursor.place, size + 1, backwards=backwards
            )
            total = await exploring.subset_size(connection, evaluation, view.subset) * evaluation.epochs
        else:
            step = exploring.walk(
                connection, evaluation.id, view.outcomes, cursor.place, size + 1, backwards=backwards
            )
            counts = evaluation.outcomes
            total = sum(counts.get(name, 0) for name in view.outcomes) if view.outcomes else evaluation.done
        places = await step
    more, places = len(places) > size, places[:size]
    if backwards:
        places.reverse()
    at_start = cursor == START
    return Found(
        places=places,
        keys=[0.0] * len(places),
        total=total,
        first=0 if at_start or (backwards and not more) else None,
        has_previous=more if backwards else not at_start,
        has_next=True if backwards else more,
    )


def token(side: Literal["after", "before"], view: View, key: float, place: Place) -> str:
    """Return a cursor as text for an address; it holds for one order."""
    values = [side, view.sort_by, view.order, key, *place]
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def read_token(text: str, view: View) -> Cursor:
    """Return the cursor of a text.

    Raises:
        ValueError: it is none, or one of another order.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        values: Any = orjson.loads(base64.b64decode(padded, b"-_", validate=True))
        side, sort_by, order, key, epoch, position = values
    except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError, ValueError, TypeError):
        raise ValueError("is no cursor: take one that a page of results gave") from None
    whole = all(type(value) is int and -1 <= value < 2**31 for value in (epoch, position))
    if side not in ("after", "before") or not whole or type(key) not in (int, float):
        raise ValueError("is no cursor: take one that a page of results gave")
    if (sort_by, order) != (view.sort_by, view.order):
        raise ValueError("is of another order: begin without one after changing sort_by or order")
    return Cursor(side, float(key), (epoch, position))
