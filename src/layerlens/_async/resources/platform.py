"""What there is of a platform: what can be chosen on it, its providers, and what it keeps."""

from __future__ import annotations

import httpx

from layerlens._async.resources._base import AsyncResource
from layerlens._config import as_timeout
from layerlens._protocol import Call
from layerlens.models import DataEnvelope, Options, ProviderList, ProviderStatus, StorageUse


class AsyncPlatform(AsyncResource):
    """The server itself; all of this any API key may read."""

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
        """Fetch the providers of public models by name, and whether the server has their keys.

        Keys are set in the environment of the server. Of one that is set no more than its end is told.

        Args:
            timeout: seconds the request may take, in place of the client's setting.

        Raises:
            APIError: the server could not be asked.
        """
        call = Call("GET", "/providers", DataEnvelope[ProviderList], timeout=as_timeout(timeout))
        return (await self._session.data(call)).providers

    async def get_storage(self, *, timeout: float | httpx.Timeout | None = None) -> StorageUse:
        """Fetch how much the platform keeps: its database, downloaded files, and the organisation's rows.

        Args:
            timeout: seconds the request may take, in place of the client's setting.

        Raises:
            APIError: the server could not be asked.
        """
        call = Call("GET", "/storage", DataEnvelope[StorageUse], timeout=as_timeout(timeout))
        return await self._session.data(call)
