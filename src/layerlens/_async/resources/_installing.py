"""Installing benchmarks on the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import httpx

from layerlens._async.resources._base import AsyncResource, id_of
from layerlens._async.resources._making import FilePath
from layerlens._async.resources._uploads import upload
from layerlens._config import as_timeout
from layerlens._files import local_file
from layerlens._protocol import Call, body_of
from layerlens.models import (
    Benchmark,
    BenchmarkInstall,
    DataEnvelope,
    InstalledBenchmark,
    InstallProgress,
    StatusEnvelope,
)

Answer = TypeVar("Answer")


class AsyncInstalling(AsyncResource):
    """The methods that install a benchmark, waiting for it or not."""

    async def install(
        self,
        benchmark: Benchmark | str,
        files: Sequence[FilePath] | None = None,
        *,
        timeout: float | httpx.Timeout | None = None,
    ) -> InstalledBenchmark:
        """Install a public benchmark on the server, so that its prompts are at hand.

        Args:
            benchmark: the benchmark, or its id.
            files: files to import its prompts from; None has the server fetch them from the
                catalogue's sources.
            timeout: seconds the installing request may take, in place of the client's setting.

        Returns:
            The installed version and how many prompts it has.

        Raises:
            ValueError: a file cannot be used; the message says why.
            NotFoundError: there is no such benchmark.
            APIError: the server could not be asked, or could not install it.
        """
        return await self._install(StatusEnvelope[InstalledBenchmark], benchmark, files, timeout)

    async def start_install(
        self,
        benchmark: Benchmark | str,
        files: Sequence[FilePath] | None = None,
        *,
        timeout: float | httpx.Timeout | None = None,
    ) -> InstallProgress:
        """Have the server install a public benchmark in the background; one that runs already goes on.

        Args:
            benchmark: the benchmark, or its id.
            files: files to import its prompts from; None has the server fetch them from the
                catalogue's sources.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            How far it is; `get_install_progress` tells it later on.

        Raises:
            ValueError: a file cannot be used; the message says why.
            NotFoundError: there is no such benchmark.
            APIError: the server could not be asked, or refused.
        """
        return await self._install(StatusEnvelope[InstallProgress], benchmark, files, timeout, wait=False)

    async def get_install_progress(
        self, benchmark: Benchmark | str, *, timeout: float | httpx.Timeout | None = None
    ) -> InstallProgress | None:
        """Fetch how far the latest installation of a benchmark in the background is.

        Args:
            benchmark: the benchmark, or its id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            Its `status` is `none` where nobody has started one; None if there is no such benchmark.

        Raises:
            APIError: the server could not be asked.
        """
        path = await self._session.project_path("benchmarks", id_of(benchmark), "install")
        return await self._session.data_or_none(
            Call("GET", path, DataEnvelope[InstallProgress], timeout=as_timeout(timeout))
        )

    async def _install(
        self,
        answer: type[DataEnvelope[Answer]],
        benchmark: Benchmark | str,
        files: Sequence[FilePath] | None,
        timeout: float | httpx.Timeout | None,
        *,
        wait: bool | None = None,
    ) -> Answer:
        """Upload the files and ask for the installation."""
        found = [local_file(path) for path in files or ()]
        path = await self._session.project_path("benchmarks", id_of(benchmark), "install")
        for file in found:
            await upload(self._session, file)
        body = body_of(BenchmarkInstall, files=[file.key for file in found] or None, wait=wait)
        return await self._session.data(Call("POST", path, answer, body=body, timeout=as_timeout(timeout)))
