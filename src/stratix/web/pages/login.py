"""Coming in and going out."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from stratix.web._pages import Dashboard
from stratix.web._session import COOKIE

router = APIRouter(include_in_schema=False)


@router.get("/login")
async def show_login(request: Request, next: str = "/") -> Response:
    """Ask for an API key."""
    return _page(request, next)


@router.post("/login")
async def log_in(
    request: Request,
    api_key: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Open a session with an API key."""
    _refuse_foreign(request)
    dashboard: Dashboard = request.app.state.dashboard
    session = await dashboard.sessions.open_with_key(api_key.strip())
    if session is None:
        return _page(request, next, "This API key is not known here, or was revoked: check it.")
    response = RedirectResponse(_own(next), 303)
    dashboard.sessions.store(response, session, secure=request.url.scheme == "https")
    return response


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """End the session."""
    _refuse_foreign(request)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE)
    return response


def _refuse_foreign(request: Request) -> None:
    """Refuse a form that another site sent: these two are sent before there is a token."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise HTTPException(403, "Log in and out on this site itself.")


def _page(request: Request, wanted: str, problem: str = "") -> Response:
    dashboard: Dashboard = request.app.state.dashboard
    values = {"next": _own(wanted), "problem": problem}
    return dashboard.renderer.page(request, "login.html", values, 403 if problem else 200)


def _own(address: str) -> str:
    """Return an address of ours, so that no link can lead somebody who logs in to a foreign page."""
    parts = urlsplit(address)
    foreign = parts.scheme or parts.netloc or not address.startswith("/") or address.startswith(("//", "/\\"))
    return "/" if foreign else address
