"""Puts the dashboard's pages beside the API."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from stratix.settings import Settings
from stratix.storage.database import Database
from stratix.storage.vault import Vault
from stratix.web._api import Api
from stratix.web._drawing import Drawings
from stratix.web._pages import Dashboard, error_page
from stratix.web._rendering import SECURITY_HEADERS, STATIC, Renderer
from stratix.web._session import SessionMiddleware, Sessions
from stratix.web.pages import PAGES


class _Assets(StaticFiles):
    """Our own styles and scripts; the browser asks each time whether they are still the same."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        for name in ("x-content-type-options", "referrer-policy"):
            response.headers[name] = SECURITY_HEADERS[name]
        response.headers["cache-control"] = "no-cache"
        return response


def add_dashboard(app: FastAPI, database: Database, vault: Vault, settings: Settings) -> None:
    """Add the dashboard's pages to an application that has the API.

    Args:
        app: has the API; its errors outside of `/api` become pages.
        database: where organisations and API keys are.
        vault: encrypts the cookies.
        settings: of the installation.
    """
    sessions = Sessions(database, vault, settings)
    app.state.dashboard = Dashboard(
        Api(app), sessions, Renderer(vault), Drawings(settings.data_dir / "charts")
    )
    for page in PAGES:
        app.include_router(page.router)
    app.mount("/static", _Assets(directory=STATIC), name="static")
    app.add_middleware(SessionMiddleware, sessions=sessions)
    _show_errors(app)


def _show_errors(app: FastAPI) -> None:
    """Answer a browser that asked for a page that is not there with a page."""
    answer = app.exception_handlers[HTTPException]

    async def shown(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        wants_page = "text/html" in request.headers.get("accept", "")
        if wants_page and not request.url.path.startswith("/api/"):
            message = error.detail if error.status_code != 404 else "There is no page at this address."
            return error_page(request, error.status_code, message)
        response: Response = await answer(request, error)  # type: ignore[misc]  # it may be sync by its type; this one is not
        return response

    app.add_exception_handler(HTTPException, shown)
