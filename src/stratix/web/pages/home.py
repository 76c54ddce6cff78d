"""What runs, what is new, and what needs somebody to look at it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from stratix.web._pages import InViewer, PageRoute
from stratix.web._wire import with_names

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_LATEST = 10
_TROUBLED = 5
_WATCHED = 4
"""Evaluations followed live: each takes a connection, and browsers keep six to a server."""

_ENDED = "success,failure,timeout,cancelled"


@router.get("/")
async def show_home(viewer: InViewer) -> Response:
    """Show the evaluations that run, those that need attention, and the latest that ended."""
    running, count = await _listed(viewer, status="in-progress", page_size=_WATCHED)
    waiting, more = await _listed(viewer, status="pending", page_size=_WATCHED)
    watched = (running + waiting)[:_WATCHED]
    attention, _ = await _listed(viewer, attention="true", page_size=_TROUBLED)
    finished, _ = await _listed(viewer, status=_ENDED, page_size=_LATEST)
    return viewer.page(
        "home.html",
        running=watched,
        unseen=count + more - len(watched),
        attention=attention,
        finished=finished,
    )


async def _listed(viewer: InViewer, **query: Any) -> tuple[list[dict[str, Any]], int]:
    """Return evaluations of the project, and how many there are in all."""
    session = viewer.session
    query = {"organization_id": session.organization_id, "project_id": session.project_id, **query}
    found = await viewer.get("/evaluations", **query)
    return [with_names(row) for row in found["evaluations"]], found["total_count"]
