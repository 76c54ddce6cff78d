"""Evaluations: the public ones, and those of a project."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

import httpx

from layerlens import _aio
from layerlens._async._looking import look
from layerlens._async.resources._base import check_page, id_of
from layerlens._async.resources._comparing import AsyncComparing
from layerlens._async.resources._control import AsyncControl
from layerlens._async.resources._scorings import AsyncRescoring
from layerlens._async.resources._spending import AsyncSpending
from layerlens._config import as_timeout
from layerlens._protocol import Call, body_of, path_of
from layerlens._waiting import SILENCE_MAX_SECONDS, Waiting
from layerlens.models import (
    Benchmark,
    CustomBenchmark,
    CustomModel,
    DataEnvelope,
    Evaluation,
    EvaluationCreate,
    EvaluationList,
    EvaluationSort,
    EvaluationsResponse,
    EvaluationStatus,
    Model,
    Pagination,
    SortOrder,
)


class AsyncPublicEvaluations(AsyncComparing):
    """The evaluations that everyone may see."""

    async def get(
        self, evaluation: Evaluation | str, *, timeout: float | httpx.Timeout | None = None
    ) -> Evaluation | None:
        """Fetch an evaluation anew.

        Args:
            evaluation: the evaluation, or its id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The evaluation as it stands now; None if it does not exist or belongs to someone else.

        Raises:
            APIError: the server could not be asked.
        """
        return await self._fetch(id_of(evaluation), timeout)

    async def get_by_id(
        self, evaluation_id: str, timeout: float | httpx.Timeout | None = None
    ) -> Evaluation | None:
        """Fetch an evaluation by its id.

        Args:
            evaluation_id: the evaluation's id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The evaluation; None if it does not exist or belongs to someone else.

        Raises:
            APIError: the server could not be asked.
        """
        return await self._fetch(evaluation_id, timeout)

    async def get_many(
        self,
        page: int | None = None,
        page_size: int | None = None,
        sort_by: EvaluationSort | None = None,
        order: SortOrder | None = None,
        model_ids: Sequence[str] | None = None,
        benchmark_ids: Sequence[str] | None = None,
        status: EvaluationStatus | str | Sequence[EvaluationStatus | str] | None = None,
        unique: bool = False,
        search: str | None = None,
        attention: bool = False,
        timeout: float | httpx.Timeout | None = None,
    ) -> EvaluationsResponse:
        """Fetch a page of evaluations.

        Args:
            page: page number from 1; None is 1.
            page_size: evaluations a page, 1 to 500; None is 100.
            sort_by: `submitted_at`, `accuracy` or `average_duration`.
            order: `asc` or `desc`.
            model_ids: models to keep.
            benchmark_ids: benchmarks to keep.
            status: status to keep, or several.
            unique: True keeps the latest evaluation of each pair of model and benchmark alone.
            search: words, each of which is in name or key of the model or the benchmark, in any case; or what
                the evaluation's id begins with.
            attention: True keeps what somebody should look at alone: what failed, timed out, is paused, or
                succeeded with a remark, such as that many answers are invalid.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The evaluations of the page and where it stands; no evaluations if none fit.

        Raises:
            ValueError: `page`, `page_size` or `status` is out of range.
            APIError: the server could not be asked, or refused.
        """
        check_page(page, page_size)
        query = {
            **await self._scope(),
            "page": page,
            "page_size": page_size,
            "sort_by": sort_by,
            "order": order,
            "models": model_ids or None,
            "datasets": benchmark_ids or None,
            "status": [EvaluationStatus(one) for one in ([status] if isinstance(status, str) else status)]
            if status
            else None,
            "unique": True if unique else None,
            "search": search or None,
            "attention": True if attention else None,
        }
        answer = await self._session.send(
            Call("GET", "/evaluations", EvaluationList, query=query, timeout=as_timeout(timeout))
        )
        return EvaluationsResponse(
            evaluations=[self._bind(evaluation) for evaluation in answer.evaluations],
            pagination=Pagination.of(page, page_size, answer.total_count),
        )

    async def wait_for_completion(
        self,
        evaluation: Evaluation | str,
        interval_seconds: float = 30,
        timeout_seconds: float | None = None,
        on_progress: Callable[[Evaluation], Any] | None = None,
    ) -> Evaluation | None:
        """Wait until an evaluation is finished (success, failure, timeout or cancelled) or the time is up.

        The server tells of changes as they come; one that cannot, or is reached through a proxy that keeps
        them back, is asked now and then. One that has answered and is away then, as while it is restarted, is
        waited for up to a minute, and longer with more of the client's retries.

        Args:
            evaluation: the evaluation, or its id.
            interval_seconds: longest time between two looks at the evaluation, above 0; the end is learnt
                within a second all the same.
            timeout_seconds: longest time to wait, from 0; None waits without limit.
            on_progress: called with the latest evaluation whenever the server tells of it, at most four times
                a second; before the end without `settings`, `summary` and `subsets`.

        Returns:
            The latest evaluation, not finished if the time was up (see `Evaluation.is_finished`); None if it
            does not exist or belongs to someone else.

        Raises:
            ValueError: a number is out of range.
            APIError: the server could not be asked.
        """
        evaluation_id = id_of(evaluation)
        waiting = Waiting(interval_seconds, timeout_seconds)
        while True:
            async with aclosing(self._follow(evaluation_id, waiting)) as told:
                async for standing in told:
                    await _aio.notify(on_progress, standing)
            latest = await look(waiting, partial(self._fetch, evaluation_id, None))
            if latest is None:
                return None
            await _aio.notify(on_progress, latest)
            if latest.is_finished:
                return latest
            pause = waiting.pause()
            if pause is None:
                return latest
            await _aio.sleep(pause)

    async def _follow(self, evaluation_id: str, waiting: Waiting) -> AsyncGenerator[Evaluation]:
        """Yield an evaluation as the server tells of it, until it has ended or there is no more to be had."""
        seconds = waiting.stream()
        if seconds is None:
            return
        call = Call(
            "GET",
            path_of("evaluations", evaluation_id, "events"),
            Evaluation,
            query={"wait": f"{seconds:.3f}", "every": f"{waiting.every:.3f}"},
            timeout=httpx.Timeout(SILENCE_MAX_SECONDS),
            held=waiting.every,
        )
        count, ended = 0, False
        async with aclosing(self._session.events(call)) as events:
            async for name, latest in events:
                count += 1
                ended = name == "end"
                if ended or waiting.is_over:
                    break
                yield self._bind(latest)
        waiting.streamed(count, ended=ended)

    async def _fetch(
        self, evaluation_id: str, timeout: float | httpx.Timeout | None, hold: float = 0.0
    ) -> Evaluation | None:
        """Fetch an evaluation; the server may hold the answer for `hold` seconds, until the end comes."""
        call = Call(
            "GET",
            path_of("evaluations", evaluation_id),
            Evaluation,
            query={"wait": f"{hold:.3f}" if hold else None},
            timeout=as_timeout(timeout),
            held=hold,
        )
        return await self._evaluation(call)

    async def _scope(self) -> dict[str, str]:
        """Return the parameters that say whose evaluations are meant: none for the public ones."""
        return {}


class AsyncEvaluations(AsyncPublicEvaluations, AsyncControl, AsyncRescoring, AsyncSpending):
    """The evaluations of the project."""

    async def create(
        self,
        model: Model,
        benchmark: Benchmark,
        *,
        judge: Model | None = None,
        limit: int | None = None,
        epochs: int | None = None,
        epochs_reducer: str | None = None,
        shots: int | None = None,
        deadline_seconds: float | None = None,
        concurrency: int | None = None,
        priority: int | None = None,
        metrics: Sequence[str] | None = None,
        invalid_threshold: float | None = None,
        budget_usd: float | None = None,
        budget_tokens: int | None = None,
        cache: bool = False,
        timeout: float | httpx.Timeout | None = None,
    ) -> Evaluation | None:
        """Start an evaluation of a model on a benchmark.

        The request carries an idempotency key, so that trying it again never starts the evaluation twice.

        Args:
            model: the model to evaluate.
            benchmark: the benchmark to evaluate it on.
            judge: the model that grades the answers, for benchmarks and metrics that can use one.
            limit: most prompts to ask, from 1; None asks all.
            epochs: how often each prompt is asked, from 1; None leaves it to the benchmark.
            epochs_reducer: how the scores of a prompt's epochs become one: `mean`, `majority` (the score of
                the answer that came most often) or `pass@K` (the chance that one of K answers is right, such
                as `pass@2`); None is `mean`.
            shots: worked examples before each question, from 0, where the benchmark has so many; None is the
                benchmark's own number, which is 0 for most.
            deadline_seconds: how long it may run before it ends as `timeout`, the time it is paused not
                counted; None leaves it to the server.
            concurrency: most prompts asked at a time, from 1; None leaves it to the server.
            priority: -100 to 100; of evaluations that call one endpoint the lowest number goes first. None
                is 0.
            metrics: what is measured of the answers besides, such as `readability` and `toxicity`; an empty
                list measures nothing, None leaves it to the benchmark.
            invalid_threshold: share of invalid answers, 0.0 to 1.0, above which `status_description` says so;
                None leaves it to the server.
            budget_usd: the most it may spend in US dollars, judging included; it is paused before it would
                pass that. None sets no cap.
            budget_tokens: the most it may spend in tokens, read and written; likewise.
            cache: True takes answers that the project has had to the very same requests, for nothing, and
                keeps new ones.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The evaluation, queued; None if the server made none.

        Raises:
            TypeError: `model` or `judge` is no model or `benchmark` no benchmark, such as the None of one
                not found.
            ValueError: an argument is out of range.
            UnprocessableEntityError: the evaluation cannot be run, for instance because the provider of the
                model has no key; the message says what to do.
            APIError: the server could not be asked, or refused.
        """
        # An id alone does not tell whether it is of a custom one, which the server wants to know.
        if not isinstance(model, Model):
            raise TypeError(f"model must be a Model, not {model!r}: fetch it with client.models.get_by_key()")
        if judge is not None and not isinstance(judge, Model):
            raise TypeError(f"judge must be a Model, not {judge!r}: fetch it with client.models.get_by_key()")
        if not isinstance(benchmark, Benchmark):
            raise TypeError(
                f"benchmark must be a Benchmark, not {benchmark!r}: fetch it with "
                "client.benchmarks.get_by_key()"
            )
        item = body_of(
            EvaluationCreate,
            model_id=model.id,
            benchmark_id=benchmark.id,
            is_custom_model=isinstance(model, CustomModel),
            is_custom_benchmark=isinstance(benchmark, CustomBenchmark),
            limit=limit,
            epochs=epochs,
            epochs_reducer=epochs_reducer,
            shots=shots,
            deadline_seconds=deadline_seconds,
            concurrency=concurrency,
            priority=priority,
            metrics=metrics,
            invalid_threshold=invalid_threshold,
            judge_model_id=judge.id if judge else None,
            budget_usd=budget_usd,
            budget_tokens=budget_tokens,
            cache=cache or None,
        )
        path = await self._session.project_path("evaluations")
        made = await self._session.data(
            Call("POST", path, DataEnvelope[list[Evaluation]], body=[item], timeout=as_timeout(timeout))
        )
        return self._bind(made[0]) if made else None

    async def _scope(self) -> dict[str, str]:
        organization = await self._session.organization()
        return {"organization_id": organization.id, "project_id": organization.projects[0].id}
