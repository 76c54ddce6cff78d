"""Comparisons of two evaluations."""

from __future__ import annotations

import httpx

from layerlens._async.resources._base import AsyncResource, check_page
from layerlens._config import as_timeout
from layerlens._protocol import Call
from layerlens.models import (
    Comparison,
    ComparisonResponse,
    EvaluationList,
    EvaluationStatus,
    OutcomeFilter,
    Pagination,
)


class AsyncComparisons(AsyncResource):
    """Comparisons of two evaluations, prompt by prompt; the first is the reference."""

    async def compare(
        self,
        *,
        evaluation_id_1: str,
        evaluation_id_2: str,
        page: int | None = None,
        page_size: int | None = None,
        outcome_filter: OutcomeFilter | None = None,
        search: str | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> ComparisonResponse | None:
        """Compare two evaluations on the same benchmark.

        Args:
            evaluation_id_1: id of the reference.
            evaluation_id_2: id of the evaluation compared with it.
            page: page number from 1; None is 1.
            page_size: prompts a page, 1 to 500; None is 100.
            outcome_filter: prompts to keep: `all`, `both_succeed`, `both_fail`, `reference_fails` or
                `comparison_fails`.
            search: text to find in prompts, truths and answers.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The page of compared prompts with the counts of both; None if one of the evaluations does not
            exist or belongs to someone else.

        Raises:
            ValueError: `page` or `page_size` is out of range.
            APIError: the server could not be asked, or refused, as when the benchmarks differ.
        """
        check_page(page, page_size)
        query = {
            "evaluation_id_1": evaluation_id_1,
            "evaluation_id_2": evaluation_id_2,
            "page": page,
            "page_size": page_size,
            "outcome_filter": outcome_filter,
            "search": search,
        }
        answer = await self._session.send_or_none(
            Call("GET", "/results/comparison", Comparison, query=query, timeout=as_timeout(timeout))
        )
        if answer is None:
            return None
        return ComparisonResponse(
            **dict(answer), pagination=Pagination.of(page, page_size, answer.total_count)
        )

    async def compare_models(
        self,
        *,
        benchmark_id: str,
        model_id_1: str,
        model_id_2: str,
        page: int | None = None,
        page_size: int | None = None,
        outcome_filter: OutcomeFilter | None = None,
        search: str | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> ComparisonResponse | None:
        """Compare two models by their latest successful public evaluations on a benchmark.

        Args:
            benchmark_id: the benchmark's id.
            model_id_1: id of the reference.
            model_id_2: id of the model compared with it.
            page: page number from 1; None is 1.
            page_size: prompts a page, 1 to 500; None is 100.
            outcome_filter: prompts to keep, as in `compare`.
            search: text to find in prompts, truths and answers.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            As `compare`; None also if one of the models has no such evaluation.

        Raises:
            ValueError: `page` or `page_size` is out of range.
            APIError: the server could not be asked, or refused.
        """
        check_page(page, page_size)
        first = await self._latest(benchmark_id, model_id_1, timeout)
        second = await self._latest(benchmark_id, model_id_2, timeout)
        if first is None or second is None:
            return None
        return await self.compare(
            evaluation_id_1=first,
            evaluation_id_2=second,
            page=page,
            page_size=page_size,
            outcome_filter=outcome_filter,
            search=search,
            timeout=timeout,
        )

    async def _latest(
        self, benchmark_id: str, model_id: str, timeout: float | httpx.Timeout | None
    ) -> str | None:
        """Return the id of a model's latest successful evaluation on a benchmark."""
        query = {
            "models": [model_id],
            "datasets": [benchmark_id],
            "status": EvaluationStatus.SUCCESS,
            "sort_by": "submitted_at",
            "order": "desc",
            "page_size": 1,
        }
        answer = await self._session.send(
            Call("GET", "/evaluations", EvaluationList, query=query, timeout=as_timeout(timeout))
        )
        return answer.evaluations[0].id if answer.evaluations else None
