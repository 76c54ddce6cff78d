"""API keys of the organisation."""

from __future__ import annotations

from collections.abc import Iterable

import httpx

from layerlens._async.resources._base import AsyncResource, Identified, id_of
from layerlens._config import as_timeout
from layerlens._protocol import Call, body_of, path_of
from layerlens.models import ApiKey, ApiKeyCreate, ApiKeyList, CreatedApiKey, DataEnvelope, Scope


class AsyncApiKeys(AsyncResource):
    """The organisation's API keys; all of this takes a key with the scope `admin`."""

    async def get(self, *, timeout: float | httpx.Timeout | None = None) -> list[ApiKey]:
        """Fetch the keys that are not revoked, the oldest first; the keys themselves cannot be read again.

        Args:
            timeout: seconds the request may take, in place of the client's setting.

        Raises:
            PermissionDeniedError: the client's key may not manage keys.
            APIError: the server could not be asked.
        """
        call = Call("GET", await self._path(), DataEnvelope[ApiKeyList], timeout=as_timeout(timeout))
        return (await self._session.data(call)).api_keys

    async def create(
        self,
        name: str,
        *,
        scopes: Iterable[Scope | str] = (Scope.READ, Scope.RUN),
        timeout: float | httpx.Timeout | None = None,
    ) -> CreatedApiKey:
        """Make a key. Keep what is returned as `key`: it cannot be read again.

        Args:
            name: what the key is for, 1 to 100 characters.
            scopes: what it may do, of what the client's own key may: `read`, which is always among them,
                `run` and `admin`.
            timeout: seconds the request may take, in place of the client's setting.

        Raises:
            ValueError: an argument breaks a rule.
            PermissionDeniedError: the client's key may not manage keys.
            APIError: the server could not be asked, or refused.
        """
        body = body_of(ApiKeyCreate, name=name, scopes=list(scopes))
        call = Call(
            "POST", await self._path(), DataEnvelope[CreatedApiKey], body=body, timeout=as_timeout(timeout)
        )
        return await self._session.data(call)

    async def revoke(self, key: Identified | str, *, timeout: float | httpx.Timeout | None = None) -> None:
        """Revoke a key for good; within five seconds no server takes it any more.

        Args:
            key: the key's record, or its id.
            timeout: seconds the request may take, in place of the client's setting.

        Raises:
            NotFoundError: there is no such key.
            ConflictError: it is the last one that may manage keys.
            APIError: the server could not be asked.
        """
        path = await self._path(id_of(key))
        await self._session.send(Call("DELETE", path, DataEnvelope[ApiKey], timeout=as_timeout(timeout)))

    async def _path(self, *parts: str) -> str:
        organization = await self._session.organization()
        return path_of("organizations", organization.id, "api-keys", *parts)
