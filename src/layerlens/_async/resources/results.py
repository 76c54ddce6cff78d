"""The results of evaluations."""

from __future__ import annotations

from typing import Unpack

import httpx

from layerlens._async._pages import AsyncPage, fetch_all
from layerlens._async.resources._base import AsyncResource, check_page, id_of
from layerlens._config import as_timeout
from layerlens._keywords import check_keywords, spelled_out
from layerlens._protocol import Call, path_of
from layerlens.models import (
    MAX_PAGE_SIZE,
    Evaluation,
    OtherAnswer,
    OtherAnswers,
    Pagination,
    Result,
    ResultDetail,
    ResultList,
    ResultNeighbours,
    ResultsResponse,
    ResultView,
    SearchReadiness,
)


class AsyncResults(AsyncResource):
    """The results of evaluations, also of those that are still running."""

    @spelled_out(ResultView)
    async def get(
        self,
        *,
        evaluation: Evaluation,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        timeout: float | httpx.Timeout | None = None,
        **view: Unpack[ResultView],
    ) -> ResultsResponse | None:
        """Fetch a page of an evaluation's results.

        Args:
            evaluation: the evaluation.
            page: page number from 1; None is 1.
            page_size: results a page, 1 to 500; None is 100.
            cursor: the `next_cursor` or `previous_cursor` of a page of the same order, in place of `page`.
            timeout: seconds the request may take, in place of the client's setting.
            **view: which results, and in what order; see `ResultView`.

        Returns:
            The page, or None if the evaluation does not exist or belongs to someone else.

        Raises:
            ValueError: `page` or `page_size` is out of range.
            UnprocessableEntityError: another argument is; the message says which.
            APIError: the server could not be asked.
        """
        return await self.get_by_id(
            evaluation_id=id_of(evaluation),
            page=page,
            page_size=page_size,
            cursor=cursor,
            timeout=timeout,
            **view,
        )

    @spelled_out(ResultView)
    async def get_by_id(
        self,
        *,
        evaluation_id: str,
        page: int | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        timeout: float | httpx.Timeout | None = None,
        **view: Unpack[ResultView],
    ) -> ResultsResponse | None:
        """Fetch a page of the results of the evaluation of an id.

        Args:
            evaluation_id: the evaluation's id.
            page: page number from 1; None is 1.
            page_size: results a page, 1 to 500; None is 100.
            cursor: the `next_cursor` or `previous_cursor` of a page of the same order, in place of `page`.
            timeout: seconds the request may take, in place of the client's setting.
            **view: which results, and in what order; see `ResultView`.

        Returns:
            The page, or None if the evaluation does not exist or belongs to someone else.

        Raises:
            ValueError: `page` or `page_size` is out of range.
            UnprocessableEntityError: another argument is; the message says which.
            APIError: the server could not be asked.
        """
        check_page(page, page_size)
        call = _call(evaluation_id, page, page_size, timeout, cursor=cursor, **_query(view))
        answer = await self._session.send_or_none(call)
        if answer is None:
            return None
        return ResultsResponse(
            evaluation_id=answer.evaluation_id,
            results=answer.results,
            pagination=Pagination.of(page, page_size, answer.metrics.total_count),
            previous_cursor=answer.previous_cursor,
            next_cursor=answer.next_cursor,
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

    @spelled_out(ResultView)
    async def get_neighbours(
        self,
        result_id: str,
        *,
        timeout: float | httpx.Timeout | None = None,
        **view: Unpack[ResultView],
    ) -> ResultNeighbours | None:
        """Fetch which results are beside one, among those of its evaluation that match the filters.

        Args:
            result_id: the `result_id` of a result.
            timeout: seconds the request may take, in place of the client's setting.
            **view: which results, and in what order; see `ResultView`.

        Returns:
            The ids of the one before and the one after, and how many there are; None if the result's
            evaluation does not exist or belongs to someone else.

        Raises:
            UnprocessableEntityError: an argument is out of range; the message says which.
            APIError: the server could not be asked.
        """
        path = path_of("results", result_id, "neighbours")
        call = Call("GET", path, ResultNeighbours, query=_query(view), timeout=as_timeout(timeout))
        return await self._session.send_or_none(call)

    async def prepare_search(
        self, evaluation: Evaluation | str, search: str, *, timeout: float | httpx.Timeout | None = None
    ) -> SearchReadiness | None:
        """Have the index made that a search among many results uses, and say how far it is.

        Nobody has to: a search without it reads every text, which takes seconds for a million results.

        Args:
            evaluation: the evaluation, or its id.
            search: what is to be looked for.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            How a search would be answered by now; None if the evaluation does not exist or belongs to someone
            else.

        Raises:
            UnprocessableEntityError: the text is empty or too long.
            APIError: the server could not be asked.
        """
        path = path_of("evaluations", id_of(evaluation), "search")
        call = Call("GET", path, SearchReadiness, query={"search": search}, timeout=as_timeout(timeout))
        return await self._session.send_or_none(call)

    async def get_others(
        self, result_id: str, *, timeout: float | httpx.Timeout | None = None
    ) -> list[OtherAnswer] | None:
        """Fetch what other evaluations of the project made of the same prompt, the latest 20.

        Args:
            result_id: the `result_id` of a result.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The answers, those of the latest evaluation first; None if the result's evaluation does not exist
            or belongs to someone else.

        Raises:
            APIError: the server could not be asked.
        """
        call = Call("GET", path_of("results", result_id, "others"), OtherAnswers, timeout=as_timeout(timeout))
        answer = await self._session.send_or_none(call)
        return None if answer is None else answer.others

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
    evaluation_id: str,
    page: int | None,
    page_size: int | None,
    timeout: float | httpx.Timeout | None,
    **further: object,
) -> Call[ResultList]:
    """Return the call for a page of results."""
    query = {"evaluation_id": evaluation_id, "page": page, "page_size": page_size, **further}
    return Call("GET", "/results", ResultList, query=query, timeout=as_timeout(timeout))


def _query(view: ResultView) -> dict[str, object]:
    """Return filters and order as the wire has them."""
    check_keywords(ResultView, view)
    query: dict[str, object] = {**view}
    if isinstance(cached := view.get("cached"), bool):
        query["cached"] = "true" if cached else "false"
    return query
