"""Pages, and the comma-joined lists of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, NamedTuple, TypeVar

from fastapi import Depends, Query

from layerlens.models import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE

T = TypeVar("T")

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

Listed = Annotated[str | None, Query(description="Several values are joined by commas.", max_length=20_000)]
"""A query parameter that holds a list."""


def listed(value: str | None) -> list[str]:
    """Return the values of a comma-joined list, without blanks and empty ones."""
    return [part.strip() for part in (value or "").split(",") if part.strip()]


def overlaps(wanted: str | None, values: Iterable[str]) -> bool:
    """Tell whether one of the comma-joined values, any case, is among those given; none wants all."""
    asked = {part.casefold() for part in listed(wanted)}
    return not asked or any(value.casefold() in asked for value in values)
