"""Charts as pictures, and as specifications for the script that lets one point at things."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from stratix.charts.drawing import Order
from stratix.web._drawing import CannotDraw
from stratix.web._pages import InViewer, PageRoute
from stratix.web._rendering import SECURITY_HEADERS
from stratix.web.pages import compare, evaluation, leaderboard

router = APIRouter(route_class=PageRoute, include_in_schema=False)

CHARTS = {**compare.drawn, **evaluation.drawn, **leaderboard.drawn}

_TYPES = {"svg": "image/svg+xml", "json": "application/json"}
_HEADERS = {**SECURITY_HEADERS, "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}


@router.get("/charts/script.js")
async def get_script(viewer: InViewer) -> Response:
    """Return the script that shows charts in a browser."""
    path = await viewer.dashboard.drawings.script()
    headers = {"cache-control": "private, max-age=86400", "x-content-type-options": "nosniff"}
    return FileResponse(path, media_type="text/javascript", headers=headers)


@router.get("/charts/{name}.{form}")
async def draw_chart(
    viewer: InViewer,
    name: str,
    form: Literal["svg", "json"],
    theme: Literal["light", "dark"] = "light",
    narrow: bool = False,
) -> Response:
    """Return a chart; the rest of the address says of what."""
    if name not in CHARTS:
        raise HTTPException(404, "There is no chart of this name.")
    make, *arguments = await CHARTS[name](viewer)
    try:
        order = Order(make, tuple(arguments), theme, form, narrow)
        drawn = await viewer.dashboard.drawings.draw(order)
    except CannotDraw as error:
        raise HTTPException(500, f"This chart cannot be drawn: {error}") from None
    return Response(drawn, media_type=_TYPES[form], headers=_HEADERS)
