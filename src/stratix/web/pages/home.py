"""What runs, what is new, and what needs somebody to look at it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from stratix.web._pages import InViewer, PageRoute
from stratix.web._wire import with_names

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_LATEST = 10
_WATCHED = 4
"""Evaluations followed live: each takes a connection, and browsers keep six to a server."""

_ENDED = {"success", "failure", "timeout", "cancelled"}


@router.get("/")
async def show_home(viewer: InViewer) -> Response:
    """Show the evaluations that run, those that need attention, and the latest that ended."""
    running, count = await _listed(viewer, status="in-progress", page_size=_WATCHED)
    waiting, more = await _listed(viewer, status="pending", page_size=_WATCHED)
    watched = (running + waiting)[:_WATCHED]
    recent, _ = await _listed(viewer, status=",".join([*sorted(_ENDED), "paused"]), page_size=50)
    return viewer.page(
        "home.html",
        running=watched,
        unseen=count + more - len(watched),
        attention=[row for row in recent if _needs_attention(row)][:5],
        finished=[row for row in recent if row["status"] in _ENDED][:_LATEST],
    )


async def _listed(viewer: InViewer, **query: Any) -> tuple[list[dict[str, Any]], int]:
    """Return evaluations of the project, and how many there are in all."""
    session = viewer.session
    query = {"organization_id": session.organization_id, "project_id": session.project_id, **query}
    found = await viewer.get("/evaluations", **query)
    return [with_names(row) for row in found["evaluations"]], found["total_count"]


def _needs_attention(row: dict[str, Any]) -> bool:
    if row["status"] in {"failure", "timeout", "paused"}:
        return True
    return row["status"] == "success" and bool(row["status_description"])
