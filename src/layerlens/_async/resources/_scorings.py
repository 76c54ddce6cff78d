"""Judging the answers of an evaluation again, without asking the model again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from layerlens import _aio
from layerlens._async.resources._base import AsyncResource, check_page, id_of
from layerlens._config import as_timeout
from layerlens._protocol import Call, body_of, path_of
from layerlens._waiting import Waiting
from layerlens.models import (
    Evaluation,
    Pagination,
    RescoreCreate,
    ScorerChoice,
    Scoring,
    ScoringChangeList,
    ScoringChangesResponse,
    ScoringList,
    ScoringsResponse,
)

_LONGEST_PAUSE = 10.0


class AsyncRescoring(AsyncResource):
    """A resource whose evaluations can be scored again."""

    async def rescore(
        self,
        evaluation: Evaluation | str,
        *,
        scorer: str | None = None,
        options: Mapping[str, Any] | None = None,
        subset_scorers: Mapping[str, ScorerChoice] | None = None,
        timeout_seconds: float | None = None,
        on_progress: Callable[[Scoring], Any] | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> Scoring | None:
        """Judge the stored answers of a finished evaluation again, and wait for the end of it.

        No model is asked, and the evaluation and its results stay as they are. The request carries an
        idempotency key, so that trying it again never scores twice.

        Args:
            evaluation: the evaluation, or its id.
            scorer: name of the scorer; None takes the benchmark's own scorers, in the versions of today.
            options: of that scorer.
            subset_scorers: other scorers, by the subset whose answers they judge.
            timeout_seconds: longest time to wait, from 0; None waits without limit.
            on_progress: called with the latest state after each answer of the server.
            timeout: seconds the first request may take, in place of the client's setting.

        Returns:
            The scoring, not finished if the time was up (see `Scoring.is_finished`); None if the evaluation
            does not exist or belongs to someone else.

        Raises:
            ValueError: there are options but no scorer, or a number is out of range.
            ConflictError: the evaluation has not finished, or has no answer to judge.
            UnprocessableEntityError: there is no such scorer, option or subset; the message lists those there
                are.
            APIError: the server could not be asked.
        """
        if options and scorer is None:
            raise ValueError("options need the scorer they are of: name it with scorer=")
        waiting = Waiting(_LONGEST_PAUSE, timeout_seconds)
        evaluation_id = id_of(evaluation)
        body = body_of(
            RescoreCreate,
            scorer=None if scorer is None else ScorerChoice(name=scorer, options=dict(options or {})),
            subset_scorers=dict(subset_scorers) if subset_scorers else None,
        )
        latest = await self._session.send_or_none(
            Call(
                "POST",
                path_of("evaluations", evaluation_id, "rescore"),
                Scoring,
                body=body,
                timeout=as_timeout(timeout),
            )
        )
        while latest is not None:
            await _aio.notify(on_progress, latest)
            if latest.is_finished:
                return latest
            hold = waiting.hold()
            if not hold:
                return latest
            latest = await self._scoring(evaluation_id, latest.id, hold, None)
            pause = waiting.pause()
            if latest is not None and not latest.is_finished and pause:
                await _aio.sleep(pause)
        return None

    async def get_scoring(
        self,
        evaluation: Evaluation | str,
        scoring_id: str,
        *,
        timeout: float | httpx.Timeout | None = None,
    ) -> Scoring | None:
        """Fetch a scoring of an evaluation.

        Args:
            evaluation: the evaluation, or its id.
            scoring_id: the scoring's id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The scoring; None if it does not exist or belongs to someone else.

        Raises:
            APIError: the server could not be asked.
        """
        return await self._scoring(id_of(evaluation), scoring_id, None, timeout)

    async def get_scorings(
        self,
        evaluation: Evaluation | str,
        *,
        page: int | None = None,
        page_size: int | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> ScoringsResponse | None:
        """Fetch a page of the scorings of an evaluation, the latest first.

        Args:
            evaluation: the evaluation, or its id.
            page: page number from 1; None is 1.
            page_size: scorings a page, 1 to 500; None is 100.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The page; None if the evaluation does not exist or belongs to someone else.

        Raises:
            ValueError: `page` or `page_size` is out of range.
            APIError: the server could not be asked.
        """
        check_page(page, page_size)
        path = path_of("evaluations", id_of(evaluation), "scorings")
        query = {"page": page, "page_size": page_size}
        answer = await self._session.send_or_none(
            Call("GET", path, ScoringList, query=query, timeout=as_timeout(timeout))
        )
        if answer is None:
            return None
        return ScoringsResponse(
            scorings=answer.scorings, pagination=Pagination.of(page, page_size, answer.total_count)
        )

    async def get_scoring_changes(
        self,
        scoring: Scoring,
        *,
        page: int | None = None,
        page_size: int | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> ScoringChangesResponse | None:
        """Fetch a page of the results whose outcome or score a scoring changes.

        Args:
            scoring: the scoring, finished.
            page: page number from 1; None is 1.
            page_size: results a page, 1 to 500; None is 100.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The page; None if the scoring does not exist or belongs to someone else.

        Raises:
            ValueError: `page` or `page_size` is out of range.
            ConflictError: the scoring has not ended in success.
            APIError: the server could not be asked.
        """
        check_page(page, page_size)
        path = path_of("evaluations", scoring.evaluation_id, "scorings", scoring.id, "changes")
        query = {"page": page, "page_size": page_size}
        answer = await self._session.send_or_none(
            Call("GET", path, ScoringChangeList, query=query, timeout=as_timeout(timeout))
        )
        if answer is None:
            return None
        return ScoringChangesResponse(
            changes=answer.changes, pagination=Pagination.of(page, page_size, answer.total_count)
        )

    async def _scoring(
        self,
        evaluation_id: str,
        scoring_id: str,
        hold: float | None,
        timeout: float | httpx.Timeout | None,
    ) -> Scoring | None:
        """Fetch a scoring; the server may hold the answer for `hold` seconds, until the end comes."""
        return await self._session.send_or_none(
            Call(
                "GET",
                path_of("evaluations", evaluation_id, "scorings", scoring_id),
                Scoring,
                query={"wait": f"{hold:.3f}" if hold else None},
                timeout=as_timeout(timeout),
                held=hold or 0.0,
            )
        )
