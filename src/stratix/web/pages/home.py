"""What runs, what is new, and what needs somebody to look at it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from stratix.web._pages import InViewer, PageRoute
from stratix.web._wire import with_names

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_LATEST = 10
_RUNNING = ("in-progress", "pending", "paused")


@router.get("/")
async def show_home(viewer: InViewer) -> Response:
    """Show the evaluations that run, those that need attention, and the latest that ended."""
    running = [row for status in _RUNNING[:2] for row in await _listed(viewer, status=status)]
    recent = [row for row in await _listed(viewer, page_size=50) if row["status"] not in _RUNNING[:2]]
    return viewer.page(
        "home.html",
        running=running,
        attention=[row for row in recent if _needs_attention(row)][:5],
        finished=[row for row in recent if row["status"] not in _RUNNING][:_LATEST],
    )


async def _listed(viewer: InViewer, **query: Any) -> list[dict[str, Any]]:
    session = viewer.session
    query = {"organization_id": session.organization_id, "project_id": session.project_id, **query}
    return [with_names(row) for row in (await viewer.get("/evaluations", **query))["evaluations"]]


def _needs_attention(row: dict[str, Any]) -> bool:
    if row["status"] in {"failure", "timeout", "paused"}:
        return True
    return row["status"] == "success" and bool(row["status_description"])
