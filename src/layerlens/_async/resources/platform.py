"""What there is of a platform: what can be chosen on it, its providers, and what it keeps."""

from __future__ import annotations

import httpx

from layerlens._async.resources._base import AsyncResource
from layerlens._config import as_timeout
from layerlens._protocol import Call, body_of
from layerlens.models import DataEnvelope, Options, ProviderKeySet, ProviderList, ProviderStatus, StorageUse


class AsyncPlatform(AsyncResource):
    """The server itself: all of it any API key may read, keys of providers take the scope `admin` to set."""

    async def get_options(self, *, timeout: float | httpx.Timeout | None = None) -> Options:
        """Fetch the metrics, scorers and formats that evaluations and custom benchmarks can choose.

        Args:
            timeout: seconds the request may take, in place of the client's setting.

        Raises:
            APIError: the server could not be asked.
        """
        call = Call("GET", "/options", DataEnvelope[Options], timeout=as_timeout(timeout))
        return await self._session.data(call)

    async def get_providers(self, *, timeout: float | httpx.Timeout | None = None) -> list[ProviderStatus]:
        """Fetch the providers of public models by name, and where the key of each comes from.

        The project may have stored one, or the server's environment holds it. Of a key no more than its
        beginning and end is told.

        Args:
            timeout: seconds the request may take, in place of the client's setting.

        Raises:
            APIError: the server could not be asked.
        """
        path = await self._session.project_path("provider-keys")
        call = Call("GET", path, DataEnvelope[ProviderList], timeout=as_timeout(timeout))
        return (await self._session.data(call)).providers

    async def set_provider_key(
        self, provider: str, api_key: str, *, timeout: float | httpx.Timeout | None = None
    ) -> ProviderStatus:
        """Store the project's key for a provider, encrypted, in place of one it has.

        It goes before a key in the environment, and is used by all that begins from now on.

        Args:
            provider: key of the provider, such as `openai`.
            api_key: as the provider shows it.
            timeout: seconds the request may take, in place of the client's setting.

        Raises:
            ValueError: it cannot be a key, since no header could carry it.
            NotFoundError: there is no such provider; the message names those there are.
            PermissionDeniedError: the client's own key has not the scope `admin`.
            APIError: the server could not be asked, or refused.
        """
        body = body_of(ProviderKeySet, api_key=api_key)
        path = await self._session.project_path("provider-keys", provider)
        call = Call("PUT", path, DataEnvelope[ProviderStatus], body=body, timeout=as_timeout(timeout))
        return await self._session.data(call)

    async def remove_provider_key(
        self, provider: str, *, timeout: float | httpx.Timeout | None = None
    ) -> ProviderStatus:
        """Forget the project's key for a provider; one in the environment is used again.

        Args:
            provider: key of the provider, such as `openai`.
            timeout: seconds the request may take, in place of the client's setting.

        Raises:
            NotFoundError: there is no such provider, or the project has stored no key for it.
            PermissionDeniedError: the client's own key has not the scope `admin`.
            APIError: the server could not be asked.
        """
        path = await self._session.project_path("provider-keys", provider)
        call = Call("DELETE", path, DataEnvelope[ProviderStatus], timeout=as_timeout(timeout))
        return await self._session.data(call)

    async def get_storage(self, *, timeout: float | httpx.Timeout | None = None) -> StorageUse:
        """Fetch how much the platform keeps: its database, downloaded files, and the organisation's rows.

        Args:
            timeout: seconds the request may take, in place of the client's setting.

        Raises:
            APIError: the server could not be asked.
        """
        call = Call("GET", "/storage", DataEnvelope[StorageUse], timeout=as_timeout(timeout))
        return await self._session.data(call)
