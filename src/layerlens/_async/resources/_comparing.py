"""What can be said of finished evaluations: compared with each other, and with what a model may have seen."""

from __future__ import annotations

import httpx

from layerlens._async.resources._base import AsyncResource, check_page, id_of
from layerlens._config import as_timeout
from layerlens._protocol import Call, path_of
from layerlens.models import (
    Against,
    ComparisonReport,
    ContaminationReport,
    DisagreementList,
    DisagreementsResponse,
    Evaluation,
    EvaluationFigures,
    OutcomeFilter,
    Pagination,
)


class AsyncComparing(AsyncResource):
    """A resource whose evaluations can be compared and examined."""

    async def compare(
        self,
        first: Evaluation | str,
        second: Evaluation | str,
        *others: Evaluation | str,
        against: Against = "first",
        timeout: float | httpx.Timeout | None = None,
    ) -> ComparisonReport | None:
        """Compare finished evaluations of one benchmark: who is better, by how much, and can it be chance.

        Args:
            first: the reference, or its id.
            second: the evaluation compared with it, or its id.
            *others: further ones, up to 20 in all; p-values are corrected for the number of comparisons.
            against: `first` compares every other one with the first, `all` every one with every other.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The comparison of each pair; None if one of the evaluations does not exist or belongs to someone
            else.

        Raises:
            ConflictError: one of them has not finished.
            UnprocessableEntityError: they are of different benchmarks, or too many.
            APIError: the server could not be asked.
        """
        ids = [id_of(evaluation) for evaluation in (first, second, *others)]
        query = {"evaluations": ids, "against": against}
        return await self._session.send_or_none(
            Call("GET", "/comparisons", ComparisonReport, query=query, timeout=as_timeout(timeout))
        )

    async def get_disagreements(
        self,
        first: Evaluation | str,
        second: Evaluation | str,
        *,
        page: int | None = None,
        page_size: int | None = None,
        subset: str | None = None,
        search: str | None = None,
        outcome_filter: OutcomeFilter | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> DisagreementsResponse | None:
        """Fetch a page of the answers whose scores differ between two finished evaluations.

        Args:
            first: the reference, or its id.
            second: the evaluation compared with it, or its id.
            page: page number from 1; None is 1.
            page_size: rows a page, 1 to 500; None is 100.
            subset: only prompts of this subset.
            search: text to find in prompts, truths and answers.
            outcome_filter: the prompts of one cell in their place: `both_succeed`, `both_fail`,
                `reference_fails`, `comparison_fails`, or `all`.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The page; None if one of the evaluations does not exist or belongs to someone else.

        Raises:
            ValueError: `page` or `page_size` is out of range.
            ConflictError: one of them has not finished.
            UnprocessableEntityError: they are of different benchmarks, or the same.
            APIError: the server could not be asked.
        """
        check_page(page, page_size)
        query = {
            "evaluations": [id_of(first), id_of(second)],
            "page": page,
            "page_size": page_size,
            "subset": subset,
            "search": search,
            "outcome_filter": outcome_filter,
        }
        answer = await self._session.send_or_none(
            Call(
                "GET",
                "/comparisons/disagreements",
                DisagreementList,
                query=query,
                timeout=as_timeout(timeout),
            )
        )
        if answer is None:
            return None
        return DisagreementsResponse(
            disagreements=answer.disagreements, pagination=Pagination.of(page, page_size, answer.total_count)
        )

    async def get_contamination(
        self,
        evaluation: Evaluation | str,
        *,
        words: int | None = None,
        limit: int | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> ContaminationReport | None:
        """Look for hints that the model has seen the benchmark: long runs of words it was not shown.

        Args:
            evaluation: the evaluation, or its id.
            words: shortest run of a gold answer's words that is a hint, 20 to 1000; None is 50.
            limit: most hints to return, 1 to 500; None is 50.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The hints, the longest first, with what they mean and what not; None if the evaluation does not
            exist or belongs to someone else.

        Raises:
            UnprocessableEntityError: a number is out of range.
            APIError: the server could not be asked.
        """
        path = path_of("evaluations", id_of(evaluation), "contamination")
        query = {"words": words, "limit": limit}
        return await self._session.send_or_none(
            Call("GET", path, ContaminationReport, query=query, timeout=as_timeout(timeout))
        )

    async def get_figures(
        self, evaluation: Evaluation | str, *, timeout: float | httpx.Timeout | None = None
    ) -> EvaluationFigures | None:
        """Fetch how the answers of an evaluation are distributed: what its charts are drawn from.

        Args:
            evaluation: the evaluation, finished or not, or its id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            Response times, tokens, scores by length and outcomes by subset, over the answers that are in;
            None if the evaluation does not exist or belongs to someone else.

        Raises:
            APIError: the server could not be asked.
        """
        path = path_of("evaluations", id_of(evaluation), "figures")
        return await self._session.send_or_none(
            Call("GET", path, EvaluationFigures, timeout=as_timeout(timeout))
        )
