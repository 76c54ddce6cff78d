"""What every page shares: the viewer, rendering, errors as pages, and forms that only we can send."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from stratix.storage.tenants import Caller
from stratix.web._api import Api, Refused
from stratix.web._drawing import Drawings
from stratix.web._rendering import Renderer
from stratix.web._session import Session, Sessions

MAX_FORM_BYTES = 10_000_000
"""Most bytes of a form, its files included."""

_SAFE = {"GET", "HEAD"}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The parts that pages use; one an application.

    Attributes:
        api: answers what the pages show.
        sessions: know who looks.
        renderer: turns templates into pages.
        drawings: draws charts.
    """

    api: Api
    sessions: Sessions
    renderer: Renderer
    drawings: Drawings


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever looks at a page, and the API on their behalf."""

    request: Request
    session: Session
    caller: Caller
    dashboard: Dashboard

    @property
    def project(self) -> str:
        """The path of the project that is looked at, for calls of the API."""
        return f"/organizations/{self.session.organization_id}/projects/{self.session.project_id}"

    async def get(self, path: str, **query: Any) -> Any:
        """Return what the API has at a path; see `Api.call`."""
        return await self.dashboard.api.call(self.caller, "GET", path, query=query)

    async def send(self, method: str, path: str, body: Any = None, **how: Any) -> Any:
        """Change something through the API; see `Api.call`."""
        return await self.dashboard.api.call(self.caller, method, path, body=body, **how)

    async def form(self) -> FormData:
        """Return the fields of the form that was sent."""
        return await self.request.form()

    def page(self, template: str, *, http_status: int = 200, **values: Any) -> Response:
        """Return a page.

        Args:
            template: its file in `templates`.
            http_status: of the response.
            values: what the template uses.
        """
        names = dict(self.caller.projects)
        frame = {
            "viewer": self,
            "session": self.session,
            "organization_name": self.caller.organization_name,
            "project_name": names[self.session.project_id],
            "projects": self.caller.projects,
            "csrf": self.session.csrf,
            "theme": self.session.theme,
        }
        return self.dashboard.renderer.page(self.request, template, {**frame, **values}, http_status)

    def go(self, address: str, notice: str = "") -> Response:
        """Return a redirect to another page after a form, which says something there once."""
        response = RedirectResponse(address, 303)
        if notice:
            self.dashboard.renderer.leave_notice(response, notice)
        return response


def _viewer(request: Request) -> Viewer:
    scope = request.scope
    return Viewer(request, scope["stratix.session"], scope["stratix.viewer"], request.app.state.dashboard)


InViewer = Annotated[Viewer, Depends(_viewer)]


class PageRoute(APIRoute):
    """A route that needs a session, checks the token of forms, and shows errors as pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with what surrounds it."""
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            dashboard: Dashboard = request.app.state.dashboard
            opened = None
            if "stratix.session" not in request.scope:
                opened = await _open(dashboard, request)
                if opened is None:
                    return _to_login(request)
            try:
                if request.method not in _SAFE:
                    _refuse_large(request)
                    await _check_form(request)
                response = await handle(request)
            except Refused as error:
                response = error_page(request, error.status, error.message)
            except RequestValidationError:
                response = error_page(request, 404, "The address has a part that does not fit; check it.")
            except HTTPException as error:
                response = error_page(request, error.status_code, str(error.detail))
            except Exception:
                _log.exception("the page %s broke", request.url.path)
                response = error_page(
                    request, 500, "Something went wrong inside the server; its log says what."
                )
            finally:
                await request.close()  # Files of a form lie on the disk.
            if opened is not None:
                dashboard.sessions.store(response, opened, secure=request.url.scheme == "https")
            return response

        return shown


async def _open(dashboard: Dashboard, request: Request) -> Session | None:
    """Let whoever sits at this machine in, where no login is asked for."""
    if request.method not in _SAFE or not dashboard.sessions.is_local(request):
        return None
    session = await dashboard.sessions.open_local()
    caller = await dashboard.sessions.caller(session) if session is not None else None
    if session is None or caller is None:
        return None
    request.scope["stratix.session"], request.scope["stratix.viewer"] = session, caller
    return session


def _to_login(request: Request) -> Response:
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(wanted)}" if request.method in _SAFE else "/login", 303)


def _refuse_large(request: Request) -> None:
    """Refuse a form that is too large to be taken in, before a byte of it is read."""
    size = request.headers.get("content-length", "")
    if not size.isdigit():
        raise HTTPException(411, "The size of the form is missing: send it from the page itself.")
    if int(size) > MAX_FORM_BYTES:
        raise HTTPException(
            413,
            f"This is more than the {MAX_FORM_BYTES // 10**6} MB that a form may have. With scripts switched "
            "on in the browser, or by the command line, files of up to 50 MB can be sent.",
        )


async def _check_form(request: Request) -> None:
    """Refuse a form that was not made by one of our pages for this very session."""
    session: Session = request.scope["stratix.session"]
    token = request.headers.get("x-csrf-token") or (await request.form()).get("csrf", "")
    if not isinstance(token, str) or not hmac.compare_digest(token.encode(), session.csrf.encode()):
        raise HTTPException(
            403, "This form is out of date: go back, load the page again and send it once more."
        )


def error_page(request: Request, status: int, message: str) -> Response:
    """Return an error as a page of the dashboard."""
    if "stratix.session" in request.scope:
        return _viewer(request).page("error.html", code=status, message=message, http_status=status)
    dashboard: Dashboard = request.app.state.dashboard
    return dashboard.renderer.page(request, "error.html", {"code": status, "message": message}, status)
