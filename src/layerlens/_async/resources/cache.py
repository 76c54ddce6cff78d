"""Cached answers of a project."""

from __future__ import annotations

from datetime import timedelta

import httpx

from layerlens._async.resources._base import AsyncResource, Identified, id_of
from layerlens._config import as_timeout
from layerlens._protocol import Call
from layerlens.models import CacheCleared, CachedModel, CachedModelList, DataEnvelope


class AsyncCache(AsyncResource):
    """The answers that the project keeps for evaluations made with `cache=True`."""

    async def get(self, *, timeout: float | httpx.Timeout | None = None) -> list[CachedModel]:
        """Say how many answers of each model there are.

        Args:
            timeout: seconds the request may take, in place of the client's setting.

        Raises:
            APIError: the server could not be asked.
        """
        path = await self._session.project_path("cache")
        call = Call("GET", path, DataEnvelope[CachedModelList], timeout=as_timeout(timeout))
        return (await self._session.data(call)).models

    async def clear(
        self,
        model: Identified | str | None = None,
        *,
        older_than: timedelta | float | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> int:
        """Remove answers, so that models are asked again.

        Args:
            model: answers of this model, or of the one with this id, only; None for all models.
            older_than: answers that came longer ago than this only, in seconds unless a timedelta; None for
                all.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            How many were removed.

        Raises:
            ValueError: `older_than` is negative.
            APIError: the server could not be asked.
        """
        seconds = older_than.total_seconds() if isinstance(older_than, timedelta) else older_than
        if seconds is not None and seconds < 0:
            raise ValueError(f"older_than must be 0 or more, not {seconds}")
        query = {"model_id": None if model is None else id_of(model), "older_than": seconds}
        path = await self._session.project_path("cache")
        call = Call("DELETE", path, DataEnvelope[CacheCleared], query=query, timeout=as_timeout(timeout))
        return (await self._session.data(call)).removed
