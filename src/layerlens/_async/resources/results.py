"""The results of evaluations."""

from __future__ import annotations

import httpx

from layerlens._async._pages import AsyncPage, fetch_all
from layerlens._async.resources._base import AsyncResource, check_page, id_of
from layerlens._config import as_timeout
from layerlens._protocol import Call, path_of
from layerlens.models import (
    MAX_PAGE_SIZE,
    Evaluation,
    Pagination,
    Result,
    ResultDetail,
    ResultList,
    ResultsResponse,
)


class AsyncResults(AsyncResource):
    """The results of evaluations, also of those that are still running."""

    async def get(
        self,
        *,
        evaluation: Evaluation,
        page: int | None = None,
        page_size: int | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> ResultsResponse | None:
        """Fetch a page of an evaluation's results.

        Args:
            evaluation: the evaluation.
            page: page number from 1; None is 1.
            page_size: results a page, 1 to 500; None is 100.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The page, or None if the evaluation does not exist or belongs to someone else.

        Raises:
            ValueError: `page` or `page_size` is out of range.
            APIError: the server could not be asked.
        """
        return await self.get_by_id(
            evaluation_id=id_of(evaluation), page=page, page_size=page_size, timeout=timeout
        )

    async def get_by_id(
        self,
        *,
        evaluation_id: str,
        page: int | None = None,
        page_size: int | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> ResultsResponse | None:
        """Fetch a page of the results of the evaluation of an id.

        Args:
            evaluation_id: the evaluation's id.
            page: page number from 1; None is 1.
            page_size: results a page, 1 to 500; None is 100.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The page, or None if the evaluation does not exist or belongs to someone else.

        Raises:
            ValueError: `page` or `page_size` is out of range.
            APIError: the server could not be asked.
        """
        check_page(page, page_size)
        answer = await self._session.send_or_none(_call(evaluation_id, page, page_size, timeout))
        if answer is None:
            return None
        return ResultsResponse(
            evaluation_id=answer.evaluation_id,
            results=answer.results,
            pagination=Pagination.of(page, page_size, answer.metrics.total_count),
        )

    async def get_all(
        self, *, evaluation: Evaluation, timeout: float | httpx.Timeout | None = None
    ) -> list[Result]:
        """Fetch all results of an evaluation, in order, several pages at once.

        Args:
            evaluation: the evaluation.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            Every result there is; for a running evaluation every one there was when the call began, or more.

        Raises:
            NotFoundError: the evaluation does not exist or belongs to someone else.
            IncompletePagesError: the server's pages hold fewer results than it says there are.
            APIError: the server could not be asked.
        """
        return await self.get_all_by_id(evaluation_id=id_of(evaluation), timeout=timeout)

    async def get_all_by_id(
        self, *, evaluation_id: str, timeout: float | httpx.Timeout | None = None
    ) -> list[Result]:
        """Fetch all results of the evaluation of an id, in order, several pages at once.

        Args:
            evaluation_id: the evaluation's id.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            Every result there is; for a running evaluation every one there was when the call began, or more.

        Raises:
            NotFoundError: the evaluation does not exist or belongs to someone else.
            IncompletePagesError: the server's pages hold fewer results than it says there are.
            APIError: the server could not be asked.
        """

        async def fetch(page: int) -> AsyncPage[Result]:
            answer = await self._session.send(_call(evaluation_id, page, MAX_PAGE_SIZE, timeout))
            return AsyncPage(answer.results, answer.metrics.total_count)

        return await fetch_all(fetch, lambda result: result.result_id)

    async def get_one(
        self, result_id: str, *, timeout: float | httpx.Timeout | None = None
    ) -> ResultDetail | None:
        """Fetch one result in full: with the request as it was sent and the response as it came.

        Args:
            result_id: the `result_id` of a result.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The result; None if it does not exist or belongs to someone else.

        Raises:
            APIError: the server could not be asked.
        """
        call = Call("GET", path_of("results", result_id), ResultDetail, timeout=as_timeout(timeout))
        return await self._session.send_or_none(call)


def _call(
    evaluation_id: str, page: int | None, page_size: int | None, timeout: float | httpx.Timeout | None
) -> Call[ResultList]:
    """Return the call for a page of results."""
    query = {"evaluation_id": evaluation_id, "page": page, "page_size": page_size}
    return Call("GET", "/results", ResultList, query=query, timeout=as_timeout(timeout))
