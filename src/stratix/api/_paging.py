"""Pages, and the comma-joined lists of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, NamedTuple, TypeVar

from fastapi import Depends, Query

from layerlens.models import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from stratix.api._errors import ApiError

T = TypeVar("T")

MAX_SEARCH = 8_000
"""Characters of a text that is searched for: SQLite takes patterns of 50,000 bytes, escapes included."""

MAX_VALUES = 10_000
"""Values of one list in a query: a statement of SQLite takes 32,766 in all."""

_LAST_PAGE = 1_000_000_000


class Page(NamedTuple):
    """Which page of a list is wanted, from 1, and how many rows it has at most."""

    number: int
    size: int

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """Return the items on this page."""
        start = (self.number - 1) * self.size
        return items[start : start + self.size]


def _page(
    page: Annotated[int, Query(ge=1, le=_LAST_PAGE, description="Number of the page, from 1.")] = 1,
    page_size: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="Rows a page.")] = DEFAULT_PAGE_SIZE,
) -> Page:
    return Page(page, page_size)


InPage = Annotated[Page, Depends(_page)]

Listed = Annotated[str | None, Query(description="Several values are joined by commas.", max_length=60_000)]
"""A query parameter that holds a list; a whole address has 65,535 bytes at most."""


def listed(value: str | None) -> list[str]:
    """Return the values of a comma-joined list, each once, without blanks and empty ones.

    Raises:
        ApiError: 422, there are too many.
    """
    values = list(dict.fromkeys(part.strip() for part in (value or "").split(",") if part.strip()))
    if len(values) > MAX_VALUES:
        raise ApiError(
            422, f"A list has {len(values):,} values, and {MAX_VALUES:,} are taken: ask in several requests."
        )
    return values


def overlaps(wanted: str | None, values: Iterable[str]) -> bool:
    """Tell whether one of the comma-joined values, any case, is among those given; none wants all."""
    asked = {part.casefold() for part in listed(wanted)}
    return not asked or any(value.casefold() in asked for value in values)
