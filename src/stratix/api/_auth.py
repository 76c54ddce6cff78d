"""Who is calling, and whether what they ask for is theirs."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import Depends, Path, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from stratix.api._context import Context, InContext
from stratix.api._errors import ApiError, not_found
from stratix.api._key_use import KeyUse
from stratix.storage import tenants
from stratix.storage.database import Record
from stratix.storage.tenants import Caller

CACHE_SECONDS = 5.0
"""How long a key is taken for good without asking the database; also how late a revocation is seen."""

_CACHE_SIZE = 4096

_ADMIN = {"budgets", "organizations", "provider-keys"}
"""Tags of routes whose changes take the scope `admin`; those of all others take `run`."""
_ALWAYS_ADMIN = {"api-keys"}
"""Tags of routes that take it for looking, too."""

_header = APIKeyHeader(name="x-api-key", auto_error=False, description="An API key of the organisation.")
_bearer = HTTPBearer(auto_error=False, description="The same API key as a bearer token.")


class KeyCache:
    """Remembers for a few seconds whose key it was."""

    def __init__(self, seconds: float = CACHE_SECONDS) -> None:
        self._seconds = seconds
        self._callers: dict[str, tuple[float, Caller]] = {}

    def get(self, key_hash: str) -> Caller | None:
        """Return the holder of a key that was stored lately."""
        until, caller = self._callers.get(key_hash, (0.0, None))
        return caller if time.monotonic() < until else None

    def put(self, key_hash: str, caller: Caller) -> None:
        """Remember the holder of a key."""
        if len(self._callers) >= _CACHE_SIZE:
            self._callers.clear()
        self._callers[key_hash] = (time.monotonic() + self._seconds, caller)

    def drop(self, organization_id: str) -> None:
        """Forget the holders of an organisation's keys, of which something has changed."""
        kept = {
            name: found
            for name, found in self._callers.items()
            if found[1].organization_id != organization_id
        }
        self._callers = kept


async def authenticate(
    request: Request,
    context: InContext,
    header: Annotated[str | None, Security(_header)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Caller:
    """Return whose API key the request carries, and which may do what the request asks for.

    Raises:
        ApiError: 401, it carries none, or one that is not known; 403, the key may not do this.
    """
    caller: Caller | None = request.scope.get("stratix.caller")
    if caller is None:  # The dashboard asks for somebody it knows; nobody outside can set this.
        caller = await _holder(request, context, header, bearer)
    wanted = _scope_of(request)
    if wanted not in caller.scopes:
        raise ApiError(
            403,
            f"This API key may not do that: it takes the scope {wanted!r}, and the key has "
            f"{', '.join(scope for scope in tenants.SCOPES if scope in caller.scopes)}.",
        )
    return caller


def _scope_of(request: Request) -> str:
    """Return what a key needs for a request: by its method, and by what its route is about."""
    about = set(getattr(request.scope.get("route"), "tags", ()))
    if request.method in {"GET", "HEAD"} and not about & _ALWAYS_ADMIN:
        return "read"
    return "admin" if about & (_ADMIN | _ALWAYS_ADMIN) else "run"


async def _holder(
    request: Request, context: Context, header: str | None, bearer: HTTPAuthorizationCredentials | None
) -> Caller:
    api_key = _key(header, bearer)
    if not api_key:
        raise ApiError(
            401,
            "The request carries no API key: send it as the header x-api-key, or as Authorization: Bearer.",
        )
    cache: KeyCache = request.app.state.keys
    key_hash = tenants.hash_api_key(api_key)
    caller = cache.get(key_hash)
    if caller is None:
        async with context.database.read() as connection:
            caller = await tenants.find_caller(connection, key_hash)
        if caller is None:
            raise ApiError(401, "The API key is not known here, or was revoked: check it.")
        cache.put(key_hash, caller)
        use: KeyUse = request.app.state.key_use
        use.note(caller)
    return caller


async def bearer_of(request: Request) -> str:
    """Return the key that a request carries, whatever it is worth; "" for none."""
    return _key(await _header(request), await _bearer(request))


def _key(header: str | None, bearer: HTTPAuthorizationCredentials | None) -> str:
    return header or (bearer.credentials if bearer else "")


async def authenticate_request(request: Request) -> Caller:
    """Do the same outside of dependencies."""
    return await authenticate(
        request, request.app.state.context, await _header(request), await _bearer(request)
    )


InCaller = Annotated[Caller, Depends(authenticate)]


async def _project(
    context: InContext,
    caller: InCaller,
    organization_id: Annotated[str, Path(description="Id of the caller's organisation.")],
    project_id: Annotated[str, Path(description="Id of one of its projects.")],
) -> Record:
    if organization_id != caller.organization_id:
        raise not_found("organization", organization_id)
    async with context.database.read() as connection:
        project = await tenants.get_project(connection, organization_id, project_id)
    if project is None:
        raise not_found("project", project_id)
    return project


InProject = Annotated[Record, Depends(_project)]
"""The project in the path, which is the caller's own; any other is a 404."""
