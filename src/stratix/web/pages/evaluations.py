"""The list of evaluations."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from fastapi import APIRouter, Query
from starlette.responses import Response

from stratix.web._pages import InViewer, PageRoute
from stratix.web._paging import Pages
from stratix.web._wire import with_names

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_SIZE = 50

Status = Literal["", "pending", "in-progress", "paused", "success", "failure", "timeout", "cancelled"]
Sort = Literal["submitted_at", "accuracy", "average_duration"]


@router.get("/evaluations")
async def list_evaluations(
    viewer: InViewer,
    q: Annotated[str, Query(max_length=500)] = "",
    status: Status = "",
    model: str = "",
    benchmark: str = "",
    sort_by: Sort = "submitted_at",
    order: Literal["asc", "desc"] = "desc",
    unique: bool = False,
    page: int = 1,
) -> Response:
    """Show all evaluations of the project, searched, filtered and sorted."""
    found = await viewer.get(
        "/evaluations",
        organization_id=viewer.session.organization_id,
        project_id=viewer.session.project_id,
        search=q.strip(),
        status=status,
        models=model,
        datasets=benchmark,
        sort_by=sort_by,
        order=order,
        unique="true" if unique else None,
        page=max(1, page),
        page_size=_SIZE,
    )
    return viewer.page(
        "evaluations.html",
        evaluations=[with_names(row) for row in found["evaluations"]],
        pages=Pages(viewer.request, page, _SIZE, found["total_count"]),
        statuses=get_args(Status)[1:],
        q=q,
        model=model,
        benchmark=benchmark,
        status=status,
        sort_by=sort_by,
        order=order,
        unique=unique,
        filtered=bool(q.strip() or status or model or benchmark or unique),
    )
