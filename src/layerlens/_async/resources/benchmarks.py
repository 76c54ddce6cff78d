"""The benchmarks of a project."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from layerlens._async.resources._base import id_of
from layerlens._async.resources._installing import AsyncInstalling
from layerlens._async.resources._project import Kind, of_kinds, set_in_project
from layerlens._async.resources._prompts import AsyncPromptReader
from layerlens._async.resources._smart import AsyncSmartBenchmarks
from layerlens._async.resources._verifying import AsyncVerifying
from layerlens._config import as_timeout
from layerlens._protocol import Call
from layerlens.models import (
    AnyBenchmark,
    Benchmark,
    BenchmarkList,
    CustomBenchmark,
    DataEnvelope,
    OverlapReport,
)


class AsyncBenchmarks(AsyncInstalling, AsyncVerifying, AsyncPromptReader, AsyncSmartBenchmarks):
    """The benchmarks that the project can use: public ones, and custom ones of its organisation."""

    async def get(
        self,
        *,
        type: Kind | None = None,
        name: str | None = None,
        key: str | None = None,
        categories: Sequence[str] | None = None,
        languages: Sequence[str] | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> list[Benchmark]:
        """List the project's benchmarks.

        Args:
            type: `public` or `custom`; None lists both, custom ones first.
            name: part of the name, in any case.
            key: part of the key, in any case.
            categories: categories to keep.
            languages: languages to keep.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            The benchmarks that fit all that is given; an empty list if none does.

        Raises:
            APIError: the server could not be asked, or refused.
        """
        path = await self._session.project_path("benchmarks")

        async def of(kind: Kind) -> list[Benchmark]:
            query = {
                "type": kind,
                "name": name,
                "key": key,
                "categories": categories,
                "languages": languages,
            }
            call = Call("GET", path, DataEnvelope[BenchmarkList], query=query, timeout=as_timeout(timeout))
            return list((await self._session.data(call)).benchmarks)

        return await of_kinds(type, of)

    async def get_by_id(
        self, benchmark_id: str, *, timeout: float | httpx.Timeout | None = None
    ) -> Benchmark | None:
        """Fetch a benchmark by its id.

        Args:
            benchmark_id: the benchmark's id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The benchmark, a `PublicBenchmark` or a `CustomBenchmark`; None if there is none of this id.

        Raises:
            APIError: the server could not be asked.
        """
        path = await self._session.project_path("benchmarks", benchmark_id)
        return await self._session.data_or_none(
            Call("GET", path, DataEnvelope[AnyBenchmark], timeout=as_timeout(timeout))
        )

    async def get_by_key(self, key: str, *, timeout: float | httpx.Timeout | None = None) -> Benchmark | None:
        """Fetch a benchmark by its exact key.

        Args:
            key: the whole key, such as `simpleqa`.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            The benchmark, a custom one before a public one; None if there is none of this key.

        Raises:
            APIError: the server could not be asked.
        """
        found = await self.get(key=key, timeout=timeout)
        return next((benchmark for benchmark in found if benchmark.key == key), None)

    async def add(self, *benchmarks: Benchmark | str, timeout: float | httpx.Timeout | None = None) -> bool:
        """Add benchmarks to the project; those it has already stay.

        Args:
            *benchmarks: benchmarks, or their ids.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            True once they are in.

        Raises:
            APIError: the server could not be asked, or knows no such benchmark.
        """
        present = [benchmark.id for benchmark in await self.get(timeout=timeout)]
        return await set_in_project(self._session, timeout, benchmarks=[*present, *map(id_of, benchmarks)])

    async def remove(
        self, *benchmarks: Benchmark | str, timeout: float | httpx.Timeout | None = None
    ) -> bool:
        """Take benchmarks out of the project; evaluations on them stay.

        Args:
            *benchmarks: benchmarks, or their ids.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            True once they are out.

        Raises:
            ValueError: one of them is a custom benchmark, which stays in its project.
            APIError: the server could not be asked, or refused.
        """
        gone = set(map(id_of, benchmarks))
        present = await self.get(timeout=timeout)
        own = [found.key for found in present if found.id in gone and isinstance(found, CustomBenchmark)]
        if own:
            raise ValueError(f"{', '.join(own)}: a custom benchmark cannot be taken out of its project")
        kept = [found.id for found in present if found.id not in gone]
        return await set_in_project(self._session, timeout, benchmarks=kept)

    async def get_overlaps(
        self,
        benchmarks: Sequence[Benchmark | str] | None = None,
        *,
        timeout: float | httpx.Timeout | None = None,
    ) -> OverlapReport | None:
        """Look for prompts that installed benchmarks share, but for case, punctuation and blanks.

        Args:
            benchmarks: benchmarks, or their ids; None compares all that are installed.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The pairs that share prompts, with what that means; None if one of the benchmarks does not exist.

        Raises:
            ConflictError: one of them is not installed.
            APIError: the server could not be asked.
        """
        query = {"benchmarks": None if benchmarks is None else [id_of(one) for one in benchmarks]}
        return await self._session.send_or_none(
            Call("GET", "/contamination/benchmarks", OverlapReport, query=query, timeout=as_timeout(timeout))
        )

    async def _prompts_path(self, benchmark_id: str) -> str:
        return await self._session.project_path("benchmarks", benchmark_id, "prompts")
