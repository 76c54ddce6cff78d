"""Reading the prompts of a benchmark, the project's or a public one's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

import httpx

from layerlens._async._pages import AsyncPage, fetch_all
from layerlens._async.resources._base import AsyncResource, check_page, id_of
from layerlens._config import as_timeout
from layerlens._protocol import Call
from layerlens.models import (
    MAX_PAGE_SIZE,
    Benchmark,
    Pagination,
    Prompt,
    PromptList,
    PromptsResponse,
    SortOrder,
    StatusEnvelope,
)

PromptField = Literal["id", "input", "truth"]


class AsyncPromptReader(AsyncResource, ABC):
    """A resource whose benchmarks have prompts."""

    @abstractmethod
    async def _prompts_path(self, benchmark_id: str) -> str:
        """Return the path of a benchmark's prompts."""

    async def get_prompts(
        self,
        benchmark: Benchmark | str,
        *,
        page: int | None = None,
        page_size: int | None = None,
        search: PromptField | None = None,
        search_value: str | None = None,
        sort_by: PromptField | None = None,
        sort_order: SortOrder | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> PromptsResponse | None:
        """Fetch a page of a benchmark's prompts.

        Args:
            benchmark: the benchmark, or its id.
            page: page number from 1; None is 1.
            page_size: prompts a page, 1 to 500; None is 100.
            search: the field to search: `id`, `input` or `truth`.
            search_value: the text to find in it.
            sort_by: the field to sort by.
            sort_order: `asc` or `desc`.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The page, or None if there is no such benchmark.

        Raises:
            ValueError: `page` or `page_size` is out of range.
            APIError: the server could not be asked, or refused.
        """
        check_page(page, page_size)
        call = Call(
            "GET",
            await self._prompts_path(id_of(benchmark)),
            StatusEnvelope[PromptList],
            query={
                "page": page,
                "page_size": page_size,
                "search": search,
                "search_value": search_value,
                "sort_by": sort_by,
                "sort_order": sort_order,
            },
            timeout=as_timeout(timeout),
        )
        found = await self._session.data_or_none(call)
        if found is None:
            return None
        return PromptsResponse(prompts=found.prompts, pagination=Pagination.of(page, page_size, found.count))

    async def get_all_prompts(
        self, benchmark: Benchmark | str, *, timeout: float | httpx.Timeout | None = None
    ) -> list[Prompt]:
        """Fetch all prompts of a benchmark, in order, several pages at once.

        Args:
            benchmark: the benchmark, or its id.
            timeout: seconds each request may take, in place of the client's setting.

        Raises:
            NotFoundError: there is no such benchmark.
            IncompletePagesError: the server's pages hold fewer prompts than it says there are.
            APIError: the server could not be asked.
        """
        path = await self._prompts_path(id_of(benchmark))

        async def fetch(page: int) -> AsyncPage[Prompt]:
            query = {"page": page, "page_size": MAX_PAGE_SIZE}
            found = await self._session.data(
                Call("GET", path, StatusEnvelope[PromptList], query=query, timeout=as_timeout(timeout))
            )
            return AsyncPage(found.prompts, found.count)

        return await fetch_all(fetch, lambda prompt: prompt.id)
