"""Verifying benchmarks on the server."""

from __future__ import annotations

import httpx

from layerlens._async.resources._base import AsyncResource, id_of
from layerlens._config import as_timeout
from layerlens._protocol import Call, body_of
from layerlens.models import (
    Benchmark,
    BenchmarkVerification,
    BenchmarkVerify,
    DataEnvelope,
    StatusEnvelope,
    VerificationProgress,
)


class AsyncVerifying(AsyncResource):
    """The methods that verify a benchmark, waiting for it or not."""

    async def verify(
        self, benchmark: Benchmark | str, *, timeout: float | httpx.Timeout | None = 3600.0
    ) -> BenchmarkVerification:
        """Check an installed benchmark on the server: hash, count, duplicates, truths and leaks.

        Args:
            benchmark: the benchmark, or its id.
            timeout: seconds the request may take; a benchmark of code runs every solution.

        Returns:
            What each check found, and whether any of them found a problem.

        Raises:
            NotFoundError: there is no such benchmark.
            ConflictError: it is not installed.
            APIError: the server could not be asked, or could not verify it.
        """
        path = await self._session.project_path("benchmarks", id_of(benchmark), "verify")
        return await self._session.data(
            Call("POST", path, StatusEnvelope[BenchmarkVerification], timeout=as_timeout(timeout))
        )

    async def start_verify(
        self, benchmark: Benchmark | str, *, timeout: float | httpx.Timeout | None = None
    ) -> VerificationProgress:
        """Have the server verify an installed benchmark in the background; what runs already goes on.

        Args:
            benchmark: the benchmark, or its id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            How far it is; `get_verify_progress` tells it later on.

        Raises:
            NotFoundError: there is no such benchmark.
            ConflictError: it is not installed.
            APIError: the server could not be asked, or could not verify it.
        """
        path = await self._session.project_path("benchmarks", id_of(benchmark), "verify")
        body = body_of(BenchmarkVerify, wait=False)
        call = Call(
            "POST", path, StatusEnvelope[VerificationProgress], body=body, timeout=as_timeout(timeout)
        )
        return await self._session.data(call)

    async def get_verify_progress(
        self, benchmark: Benchmark | str, *, timeout: float | httpx.Timeout | None = None
    ) -> VerificationProgress | None:
        """Fetch how far the latest verification of a benchmark in the background is, or what it found.

        Args:
            benchmark: the benchmark, or its id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            Its `status` is `none` where nobody has started one; None if there is no such benchmark.

        Raises:
            APIError: the server could not be asked.
        """
        path = await self._session.project_path("benchmarks", id_of(benchmark), "verify")
        return await self._session.data_or_none(
            Call("GET", path, DataEnvelope[VerificationProgress], timeout=as_timeout(timeout))
        )
