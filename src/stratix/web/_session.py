"""Who looks at the dashboard: a session in a cookie, which only this server can read.

On a laptop the server listens on loopback, and whoever opens it there is let in without an account.
Once it listens beyond loopback, or a proxy stands before it, a person logs in with an API key.
"""

from __future__ import annotations

import secrets
import time
from typing import Literal

import orjson
from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from stratix.api._key_use import KeyUse
from stratix.api._local import is_local
from stratix.settings import Settings
from stratix.storage import tenants
from stratix.storage.database import Database
from stratix.storage.tenants import Caller
from stratix.storage.vault import Vault, VaultError

COOKIE = "stratix_session"
SESSION_SECONDS = 30 * 86_400
"""How long somebody who logged in stays so."""

_CACHE_SECONDS = 5.0
_API = "/api/v1/"

Theme = Literal["system", "light", "dark"]


class Session(BaseModel):
    """What the cookie says; it is encrypted, so nobody else can write one.

    Attributes:
        organization_id: whose dashboard it is.
        key_id: the API key it was opened with; empty on a laptop, where none was asked for.
        project_id: the project that is looked at.
        csrf: what each form must send back.
        expires_at: seconds since the epoch.
        theme: the colours that were chosen.
    """

    organization_id: str
    key_id: str = ""
    project_id: str
    csrf: str
    expires_at: float
    theme: Theme = "system"


class Sessions:
    """Reads and writes sessions.

    Args:
        database: where organisations and API keys are.
        vault: encrypts the cookie.
        settings: tell where the server listens.
    """

    def __init__(self, database: Database, vault: Vault, settings: Settings) -> None:
        self._database = database
        self._vault = vault
        self._settings = settings
        self._use = KeyUse(database)
        self._callers: dict[tuple[str, str], tuple[float, Caller | None]] = {}

    def is_local(self, connection: HTTPConnection) -> bool:
        """Tell whether a request comes from this very machine, so that no login is asked for."""
        return is_local(connection, self._settings)

    async def find(self, connection: HTTPConnection) -> tuple[Session, Caller] | None:
        """Return the session of a request and who it belongs to; None where nobody is logged in."""
        session = self._read(connection.cookies.get(COOKIE, ""))
        if session is None or (not session.key_id and not self.is_local(connection)):
            return None
        caller = await self.caller(session)
        if caller is None or session.project_id not in caller.project_ids:
            return None
        return session, caller

    async def open_local(self) -> Session | None:
        """Return a new session of the first organisation, for whoever sits at this machine."""
        async with self._database.read() as connection:
            caller = await tenants.first_caller(connection)
        return self._new(caller, "") if caller is not None else None

    async def open_with_key(self, api_key: str) -> Session | None:
        """Return a new session of the holder of an API key; None for a key that is not known."""
        async with self._database.read() as connection:
            caller = await tenants.find_caller(connection, tenants.hash_api_key(api_key))
        return self._new(caller, caller.key_id or "") if caller is not None else None

    def store(self, response: Response, session: Session, *, secure: bool) -> None:
        """Send a session to the browser."""
        response.set_cookie(
            COOKIE,
            self._vault.encrypt(session.model_dump_json()),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="lax",
            secure=secure,
        )

    def _new(self, caller: Caller, key_id: str) -> Session:
        return Session(
            organization_id=caller.organization_id,
            key_id=key_id,
            project_id=caller.projects[0][0],
            csrf=secrets.token_urlsafe(24),
            expires_at=time.time() + SESSION_SECONDS,
        )

    def _read(self, cookie: str) -> Session | None:
        try:
            session = Session.model_validate(orjson.loads(self._vault.decrypt(cookie)))
        except (VaultError, ValidationError, ValueError):
            return None
        return session if session.expires_at > time.time() else None

    def refresh(self, session: Session) -> None:
        """Look up anew, at the next request, who somebody is of whom something has changed."""
        self._callers.pop((session.organization_id, session.key_id), None)

    async def caller(self, session: Session) -> Caller | None:
        """Look up who it is, once in a few seconds: a revoked key ends its sessions."""
        name = session.organization_id, session.key_id
        until, caller = self._callers.get(name, (0.0, None))
        if time.monotonic() >= until:
            async with self._database.read() as connection:
                caller = await tenants.find_caller_by_id(connection, *name)
            self._callers[name] = time.monotonic() + _CACHE_SECONDS, caller
            if caller is not None:
                self._use.note(caller)
        return caller


class SessionMiddleware:
    """Finds the session of each request; lets a page of the dashboard read the API with its cookie.

    Only reading: whatever changes something through the API needs an API key, or comes from a form
    of the dashboard with its token, so no foreign page can make a browser do it.
    """

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; only HTTP requests with a session are touched."""
        if scope["type"] == "http" and COOKIE in Headers(scope=scope).get("cookie", ""):
            found = await self._sessions.find(HTTPConnection(scope))
            if found is not None:
                scope["stratix.session"], scope["stratix.viewer"] = found
                if scope["path"].startswith(_API) and scope["method"] in {"GET", "HEAD"}:
                    scope["stratix.caller"] = found[1]
        await self._app(scope, receive, send)
