"""Fetching all pages of a list, several at once, without losing a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from layerlens import _aio
from layerlens._errors import IncompletePagesError
from layerlens.models import MAX_PAGE_SIZE

Row = TypeVar("Row")

PAGES_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class AsyncPage(Generic[Row]):
    """A page of `MAX_PAGE_SIZE` rows, and how many rows there are in all."""

    rows: list[Row]
    total: int


async def fetch_all(
    fetch: _aio.Fetcher[int, AsyncPage[Row]], identify: Callable[[Row], str | None]
) -> list[Row]:
    """Fetch all rows of a list, in order.

    Args:
        fetch: fetches the page of a number, from 1.
        identify: returns what tells a row from the others, None if nothing does.

    Returns:
        Every row there is; if the list grows meanwhile, every one there was when the call began, or more.

    Raises:
        IncompletePagesError: the pages hold fewer rows than the server says there are.
    """
    first = await fetch(1)
    numbers = range(2, -(-first.total // MAX_PAGE_SIZE) + 1)
    pages = [first, *await _aio.gather([partial(fetch, number) for number in numbers], PAGES_AT_ONCE)]
    rows = [row for page in pages for row in page.rows]
    if len(rows) == first.total and all(page.total == first.total for page in pages):
        return rows
    return await _walk(fetch, identify)


async def _walk(fetch: _aio.Fetcher[int, AsyncPage[Row]], identify: Callable[[Row], str | None]) -> list[Row]:
    """Fetch the pages of a moving list one by one.

    New rows only push others to later pages, so going forward can meet a row twice, but never misses one.
    """
    rows: list[Row] = []
    seen: set[str] = set()
    least: int | None = None
    number = 0
    while True:
        number += 1
        page = await fetch(number)
        least = page.total if least is None else least
        for row in page.rows:
            name = identify(row)
            if name is None or name not in seen:
                rows.append(row)
            if name is not None:
                seen.add(name)
        if not page.rows or number * MAX_PAGE_SIZE >= page.total:
            break
    if len(rows) < least:
        raise IncompletePagesError(
            f"The server says there are {least} rows, but its pages hold {len(rows)}: try again, and if "
            "it stays so, report it with the server's log."
        )
    return rows
