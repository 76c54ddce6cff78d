"""Judging the answers of an evaluation again, without asking the model again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import httpx

from layerlens import _aio
from layerlens._async._looking import look
from layerlens._async.resources._base import AsyncResource, check_page, id_of
from layerlens._config import as_timeout
from layerlens._protocol import Call, body_of, path_of
from layerlens._waiting import Waiting
from layerlens.models import (
    Evaluation,
    Model,
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
        judge: Model | None = None,
        apply: bool = False,
        timeout_seconds: float | None = None,
        on_progress: Callable[[Scoring], Any] | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> Scoring | None:
        """Judge the stored answers of a finished evaluation again, and wait for the end of it.

        The model is not asked again, only a judge is where one is named. The evaluation and its results stay
        as they are unless the scoring is applied. The request carries an idempotency key, so that trying it
        again never scores twice. A server that is away meanwhile, as while it is restarted, is waited for up
        to a minute.

        Args:
            evaluation: the evaluation, or its id.
            scorer: name of the scorer; None takes the benchmark's own scorers, in the versions of today.
            options: of that scorer.
            subset_scorers: other scorers, by the subset whose answers they judge.
            judge: the model that grades, for scorers that have one do so; every answer is a call of it.
            apply: True has the evaluation show the new verdicts once they are all there; see `apply_scoring`.
            timeout_seconds: longest time to wait, from 0; None waits without limit.
            on_progress: called with the latest state after each answer of the server.
            timeout: seconds the first request may take, in place of the client's setting.

        Returns:
            The scoring, not finished if the time was up (see `Scoring.is_finished`); None if the evaluation
            does not exist or belongs to someone else.

        Raises:
            TypeError: `judge` is no model, such as the None of one not found.
            ValueError: there are options but no scorer, or a number is out of range.
            ConflictError: the evaluation has not finished, or has no answer to judge.
            UnprocessableEntityError: there is no such scorer, option or subset, and the message lists those
                there are; or a judge is missing, or not needed.
            APIError: the server could not be asked.
        """
        if options and scorer is None:
            raise ValueError("options need the scorer they are of: name it with scorer=")
        if judge is not None and not isinstance(judge, Model):
            raise TypeError(f"judge must be a Model, not {judge!r}: fetch it with client.models.get_by_key()")
        waiting = Waiting(_LONGEST_PAUSE, timeout_seconds)
        evaluation_id = id_of(evaluation)
        body = body_of(
            RescoreCreate,
            scorer=None if scorer is None else ScorerChoice(name=scorer, options=dict(options or {})),
            subset_scorers=dict(subset_scorers) if subset_scorers else None,
            judge_model_id=judge.id if judge else None,
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
        pause = waiting.pause()
        while latest is not None:
            await _aio.notify(on_progress, latest)
            if latest.is_finished:
                if apply and latest.is_success:
                    await self.apply_scoring(latest)
                return latest
            if pause is None:
                return latest
            await _aio.sleep(pause)
            latest = await look(waiting, partial(self._scoring, evaluation_id, latest.id, None))
            pause = waiting.pause()
        return None

    async def apply_scoring(
        self, scoring: Scoring, *, timeout: float | httpx.Timeout | None = None
    ) -> Evaluation | None:
        """Have an evaluation show the verdicts of a scoring, in its results and its figures.

        The verdicts that its results came with are kept, and `revert_scoring` shows them again.

        Args:
            scoring: the scoring, ended in success.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The evaluation as it is now; None if it does not exist or belongs to someone else.

        Raises:
            ConflictError: the scoring has not ended in success, or its evaluation was retried since.
            APIError: the server could not be asked.
        """
        path = path_of("evaluations", scoring.evaluation_id, "scorings", scoring.id, "apply")
        return await self._evaluation(Call("POST", path, Evaluation, timeout=as_timeout(timeout)))

    async def revert_scoring(
        self, evaluation: Evaluation | str, *, timeout: float | httpx.Timeout | None = None
    ) -> Evaluation | None:
        """Have an evaluation show the verdicts again that its results came with.

        Args:
            evaluation: the evaluation, or its id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The evaluation as it is now; None if it does not exist or belongs to someone else.

        Raises:
            APIError: the server could not be asked.
        """
        path = path_of("evaluations", id_of(evaluation), "scorings", "original", "apply")
        return await self._evaluation(Call("POST", path, Evaluation, timeout=as_timeout(timeout)))

    async def cancel_scoring(
        self, scoring: Scoring, *, timeout: float | httpx.Timeout | None = None
    ) -> Scoring | None:
        """Cancel a scoring that has not ended.

        Args:
            scoring: the scoring.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The scoring as it is now; None if it does not exist or belongs to someone else.

        Raises:
            ConflictError: it has ended already.
            APIError: the server could not be asked.
        """
        path = path_of("evaluations", scoring.evaluation_id, "scorings", scoring.id, "cancel")
        return await self._session.send_or_none(Call("POST", path, Scoring, timeout=as_timeout(timeout)))

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
        return await self._scoring(id_of(evaluation), scoring_id, timeout)

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
        timeout: float | httpx.Timeout | None,
        hold: float = 0.0,
    ) -> Scoring | None:
        """Fetch a scoring; the server may hold the answer for `hold` seconds, until the end comes."""
        return await self._session.send_or_none(
            Call(
                "GET",
                path_of("evaluations", evaluation_id, "scorings", scoring_id),
                Scoring,
                query={"wait": f"{hold:.3f}" if hold else None},
                timeout=as_timeout(timeout),
                held=hold,
            )
        )
