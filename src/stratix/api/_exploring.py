"""Which results of an evaluation a request wants to look at, and the pages of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from fastapi import Depends, Query, Request

from layerlens.models import Outcome, ResultSort, SortOrder
from stratix.api._columns import shared_columns
from stratix.api._context import InContext
from stratix.api._errors import invalid
from stratix.api._paging import MAX_SEARCH, Listed, listed
from stratix.evaluations.exploring import View

if TYPE_CHECKING:
    from stratix.evaluations.selecting import Selecting

_OUTCOMES = {outcome.value for outcome in Outcome}
_LEAST, _MOST = "The least it may be.", "The most it may be."


def _view(
    outcome: Listed = None,
    subset: Annotated[str | None, Query(description="Of this subset only.", max_length=256)] = None,
    search: Annotated[
        str, Query(description="What prompt, truth or answer contains, any case.", max_length=MAX_SEARCH)
    ] = "",
    min_score: Annotated[float | None, Query(description=_LEAST, ge=0, le=1)] = None,
    max_score: Annotated[float | None, Query(description=_MOST, ge=0, le=1)] = None,
    min_tokens: Annotated[int | None, Query(description="The least tokens written.", ge=0, lt=2**31)] = None,
    max_tokens: Annotated[int | None, Query(description="The most tokens written.", ge=0, lt=2**31)] = None,
    min_latency: Annotated[float | None, Query(description="The least seconds.", ge=0, le=1e9)] = None,
    max_latency: Annotated[float | None, Query(description="The most seconds.", ge=0, le=1e9)] = None,
    epoch: Annotated[int | None, Query(description="This repetition only, from 1.", ge=1, lt=2**31)] = None,
    cached: Annotated[bool | None, Query(description="From the cache, or not.")] = None,
    sort_by: ResultSort = "position",
    order: SortOrder = "asc",
) -> View:
    outcomes = listed(outcome)
    if unknown := [name for name in outcomes if name not in _OUTCOMES]:
        raise invalid("outcome", f"{unknown[0]!r} is none; there are {', '.join(sorted(_OUTCOMES))}")
    return View(
        outcomes=tuple(outcomes),
        subset=subset,
        search=search,
        score=(min_score, max_score),
        tokens=(min_tokens, max_tokens),
        latency=(_milliseconds(min_latency), _milliseconds(max_latency)),
        epoch=None if epoch is None else epoch - 1,
        cached=cached,
        sort_by=sort_by,
        order=order,
    )


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000


InView = Annotated[View, Depends(_view)]


def _selector(request: Request, context: InContext) -> Callable[[], Awaitable[Any]]:
    """Return what makes, on first use, the part that works on columns of numbers."""

    async def selecting() -> Any:
        if not hasattr(request.app.state, "selecting"):
            columns = await shared_columns(request, context)
            # Its library is slow to import, and is there by now.
            from stratix.evaluations.selecting import Selecting

            if not hasattr(request.app.state, "selecting"):
                request.app.state.selecting = Selecting(columns)
        return request.app.state.selecting

    return selecting


InSelector: TypeAlias = "Annotated[Callable[[], Awaitable[Selecting]], Depends(_selector)]"
if not TYPE_CHECKING:  # The framework looks at the type at run time, when it is not to be imported yet.
    InSelector = Annotated[Any, Depends(_selector)]
