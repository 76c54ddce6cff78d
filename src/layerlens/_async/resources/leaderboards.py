"""Leaderboards: models ranked by how they did on benchmarks."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from layerlens._async.resources._base import AsyncResource, Identified, id_of
from layerlens._config import as_timeout
from layerlens._protocol import Call
from layerlens.models import LeaderboardReport, RankedBenchmark, RankedBenchmarkList


class AsyncPublicLeaderboards(AsyncResource):
    """Leaderboards of the evaluations that everyone may see."""

    async def get(
        self,
        benchmarks: Identified | str | Sequence[Identified | str],
        *,
        limit: int | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> LeaderboardReport | None:
        """Rank the models of a benchmark, or of several, each by its latest successful evaluation.

        Only evaluations that asked the same prompts are ranked together.

        Args:
            benchmarks: a benchmark or its id, or several.
            limit: rank the evaluations of so many prompts, from 1; None ranks those of all prompts.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            A leaderboard for each benchmark, and all models over all of them; None if one of the benchmarks
            does not exist or belongs to someone else.

        Raises:
            UnprocessableEntityError: there are too many benchmarks or none, or `limit` is out of range.
            APIError: the server could not be asked.
        """
        if isinstance(benchmarks, str) or not isinstance(benchmarks, Sequence):
            benchmarks = [benchmarks]
        ids = [id_of(benchmark) for benchmark in benchmarks]
        query = {**await self._scope(), "benchmarks": ids, "limit": limit}
        return await self._session.send_or_none(
            Call("GET", "/leaderboards", LeaderboardReport, query=query, timeout=as_timeout(timeout))
        )

    async def get_benchmarks(
        self, *, timeout: float | httpx.Timeout | None = None
    ) -> list[RankedBenchmark] | None:
        """Return the benchmarks that there are leaderboards of, those with the most models first.

        Args:
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            Each benchmark with the number of models that have succeeded on it; None if the project is not
            there any more.

        Raises:
            APIError: the server could not be asked.
        """
        call = Call(
            "GET",
            "/leaderboards/benchmarks",
            RankedBenchmarkList,
            query=await self._scope(),
            timeout=as_timeout(timeout),
        )
        found = await self._session.send_or_none(call)
        return None if found is None else found.benchmarks

    async def _scope(self) -> dict[str, str]:
        """Return the parameters that say whose evaluations are meant: none for the public ones."""
        return {}


class AsyncLeaderboards(AsyncPublicLeaderboards):
    """Leaderboards of the project's evaluations."""

    async def _scope(self) -> dict[str, str]:
        organization = await self._session.organization()
        return {"organization_id": organization.id, "project_id": organization.projects[0].id}
