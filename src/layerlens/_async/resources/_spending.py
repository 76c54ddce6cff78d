"""Spending: estimates and budgets of evaluations."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from layerlens._async.resources._base import AsyncResource, id_of
from layerlens._config import as_timeout
from layerlens._protocol import Call, body_of, path_of
from layerlens.models import (
    Benchmark,
    Budget,
    BudgetUpdated,
    CustomBenchmark,
    CustomModel,
    DataEnvelope,
    Evaluation,
    EvaluationCreate,
    EvaluationEstimate,
    Model,
)

_AT_ONCE = 100


class AsyncSpending(AsyncResource):
    """The part of the evaluations that is about what they take."""

    async def estimate(
        self,
        model: Model | Sequence[Model],
        benchmark: Benchmark | Sequence[Benchmark],
        *,
        judge: Model | None = None,
        limit: int | None = None,
        epochs: int | None = None,
        epochs_reducer: str | None = None,
        shots: int | None = None,
        concurrency: int | None = None,
        metrics: Sequence[str] | None = None,
        budget_usd: float | None = None,
        budget_tokens: int | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> list[EvaluationEstimate]:
        """Say what evaluations would take, before anything is spent: no model is asked.

        Args:
            model: the model, or several.
            benchmark: the benchmark, or several: every model on every benchmark.
            judge: as for `create`, and so are the others.
            limit: most prompts to ask.
            epochs: how often each prompt is asked.
            epochs_reducer: how the scores of a prompt's epochs become one.
            shots: worked examples before each question.
            concurrency: most prompts asked at a time.
            metrics: what is measured of the answers besides.
            budget_usd: a cap in US dollars; `notes` say so if it might be reached. Likewise:
            budget_tokens: a cap in tokens.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            An estimate for each model on each benchmark: all benchmarks of the first model come first.

        Raises:
            ValueError: an argument is out of range.
            NotFoundError: a model or a benchmark does not exist.
            UnprocessableEntityError: `create` would refuse it, as for an unknown reducer or metric.
            APIError: the server could not be asked, or refused.
        """
        models = [model] if isinstance(model, Model) else list(model)
        benchmarks = [benchmark] if isinstance(benchmark, Benchmark) else list(benchmark)
        items = [
            body_of(
                EvaluationCreate,
                model_id=one.id,
                benchmark_id=other.id,
                is_custom_model=isinstance(one, CustomModel),
                is_custom_benchmark=isinstance(other, CustomBenchmark),
                limit=limit,
                epochs=epochs,
                epochs_reducer=epochs_reducer,
                shots=shots,
                concurrency=concurrency,
                metrics=metrics,
                budget_usd=budget_usd,
                budget_tokens=budget_tokens,
                judge_model_id=judge.id if judge else None,
            )
            for one in models
            for other in benchmarks
        ]
        path = await self._session.project_path("estimates")
        found: list[EvaluationEstimate] = []
        for at in range(0, len(items), _AT_ONCE):
            call = Call(
                "POST",
                path,
                DataEnvelope[list[EvaluationEstimate]],
                body=items[at : at + _AT_ONCE],
                timeout=as_timeout(timeout),
            )
            estimates = await self._session.data(call)
            found += estimates
        return found

    async def get_budget(
        self, evaluation: Evaluation | str, *, timeout: float | httpx.Timeout | None = None
    ) -> Budget | None:
        """Fetch what an evaluation may spend, and what it has spent.

        Args:
            evaluation: the evaluation, or its id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            Its budget, without a cap where it has none; None if it does not exist or belongs to someone else.

        Raises:
            APIError: the server could not be asked.
        """
        path = path_of("budgets", id_of(evaluation))
        return await self._session.data_or_none(
            Call("GET", path, DataEnvelope[Budget], timeout=as_timeout(timeout))
        )

    async def set_budget(
        self,
        evaluation: Evaluation | str,
        *,
        usd: float | None = None,
        tokens: int | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> BudgetUpdated:
        """Set what an evaluation may spend; one that was paused at its cap goes on if the cap is raised.

        Args:
            evaluation: the evaluation, or its id.
            usd: the cap in US dollars; None leaves it.
            tokens: the cap in tokens; None leaves it.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The budget as it is now, and which evaluations go on.

        Raises:
            ValueError: an argument is out of range, or nothing is given to change.
            NotFoundError: there is no such evaluation.
            ConflictError: it is finished already.
            APIError: the server could not be asked.
        """
        updated: BudgetUpdated = await self._client.budgets.set(
            evaluation, usd=usd, tokens=tokens, timeout=timeout
        )
        return updated
