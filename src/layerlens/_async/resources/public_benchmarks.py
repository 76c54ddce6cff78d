"""The benchmarks of the public catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import httpx

from layerlens._async.resources._base import check_page
from layerlens._async.resources._prompts import AsyncPromptReader
from layerlens._config import as_timeout
from layerlens._protocol import Call, path_of
from layerlens.models import (
    MAX_PAGE_SIZE,
    CatalogueBenchmark,
    CatalogueBenchmarkList,
    CatalogueBenchmarksResponse,
    Pagination,
    SortOrder,
)


class AsyncPublicBenchmarks(AsyncPromptReader):
    """The benchmarks of the public catalogue, with all that is known of them."""

    async def get(
        self,
        *,
        query: str | None = None,
        name: str | None = None,
        key: str | None = None,
        ids: Sequence[str] | None = None,
        categories: Sequence[str] | None = None,
        languages: Sequence[str] | None = None,
        sort_by: Literal["name"] | None = None,
        order: SortOrder | None = None,
        page: int | None = None,
        page_size: int | None = None,
        include_deprecated: bool | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> CatalogueBenchmarksResponse:
        """Fetch a page of the catalogue's benchmarks.

        Args:
            query: text to find in a benchmark's words.
            name: part of the name, in any case.
            key: part of the key, in any case.
            ids: ids to keep.
            categories: categories to keep.
            languages: languages to keep.
            sort_by: `name`.
            order: `asc` or `desc`.
            page: page number from 1; None is 1.
            page_size: benchmarks a page, 1 to 500; None is 100.
            include_deprecated: True lists deprecated benchmarks too.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The benchmarks of the page, the values that filters can take, and where the page stands.

        Raises:
            ValueError: `page` or `page_size` is out of range.
            APIError: the server could not be asked, or refused.
        """
        check_page(page, page_size)
        parameters = {
            "query": query,
            "name": name,
            "key": key,
            "ids": ids,
            "categories": categories,
            "languages": languages,
            "sort_by": sort_by,
            "order": order,
            "page": page,
            "page_size": page_size,
            "include_deprecated": include_deprecated,
        }
        answer = await self._session.send(
            Call("GET", "/datasets", CatalogueBenchmarkList, query=parameters, timeout=as_timeout(timeout))
        )
        return CatalogueBenchmarksResponse(
            **dict(answer), pagination=Pagination.of(page, page_size, answer.total_count)
        )

    async def get_by_id(
        self, benchmark_id: str, *, timeout: float | httpx.Timeout | None = None
    ) -> CatalogueBenchmark | None:
        """Fetch a benchmark by its id, deprecated or not.

        Args:
            benchmark_id: the benchmark's id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The benchmark, or None if there is none of this id.

        Raises:
            APIError: the server could not be asked.
        """
        answer = await self.get(ids=[benchmark_id], include_deprecated=True, timeout=timeout)
        return next((found for found in answer.benchmarks if found.id == benchmark_id), None)

    async def get_by_key(
        self, key: str, *, timeout: float | httpx.Timeout | None = None
    ) -> CatalogueBenchmark | None:
        """Fetch a benchmark by its exact key, deprecated or not.

        Args:
            key: the whole key, such as `simpleqa`.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The benchmark, or None if there is none of this key.

        Raises:
            APIError: the server could not be asked.
        """
        answer = await self.get(key=key, page_size=MAX_PAGE_SIZE, include_deprecated=True, timeout=timeout)
        return next((found for found in answer.benchmarks if found.key == key), None)

    async def _prompts_path(self, benchmark_id: str) -> str:
        return path_of("datasets", benchmark_id, "prompts")
