"""Estimates: what evaluations would take; nothing is started and no model is asked."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Body
from starlette.responses import Response

from layerlens.models import DataEnvelope, EvaluationCreate, EvaluationEstimate
from stratix.analysis.summary.wording import exact_money
from stratix.api._auth import InProject
from stratix.api._context import Context, InContext
from stratix.api._errors import not_found
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api._judging import judge_use
from stratix.api._selection import check_generated, find_benchmark, find_model
from stratix.api._shots import shots_of
from stratix.api.evaluations import check_options
from stratix.catalogue import CatalogueModel
from stratix.evaluations.estimating import Asked, Prompts, estimate, look_at
from stratix.storage.database import Connection, Record

MAX_ITEMS = 100

router = APIRouter(tags=["evaluations"], route_class=GuardedRoute)


@router.post(
    "/organizations/{organization_id}/projects/{project_id}/estimates",
    response_model=DataEnvelope[list[EvaluationEstimate]],
)
async def estimate_evaluations(
    body: Annotated[list[EvaluationCreate], Body(min_length=1, max_length=MAX_ITEMS)],
    project: InProject,
    context: InContext,
) -> Response:
    """Return for each item what that evaluation would take: prompts, tokens, cost and time.

    The body is that of `POST .../evaluations`.
    """
    seen: dict[tuple[str, int | None, int | None], Prompts] = {}
    async with context.database.read() as connection:
        found = [
            await _estimate(connection, context, project, index, item, seen)
            for index, item in enumerate(body)
        ]
    return json_response({"data": found})


async def _estimate(
    connection: Connection,
    context: Context,
    project: Record,
    index: int,
    item: EvaluationCreate,
    seen: dict[tuple[str, int | None, int | None], Prompts],
) -> dict[str, Any]:
    check_options(index, item)
    model = await find_model(connection, project, item.model_id)
    benchmark = await find_benchmark(connection, project, item.benchmark_id)
    judge = None
    if item.judge_model_id is not None:
        judge = await find_model(connection, project, item.judge_model_id)
        if judge is None:
            raise not_found("model", item.judge_model_id)
    if model is None:
        raise not_found("model", item.model_id)
    if benchmark is None:
        raise not_found("benchmark", item.benchmark_id)
    await check_generated(connection, benchmark)
    shots = await shots_of(connection, benchmark, item.shots, f"[{index}].shots")
    place = benchmark.id, item.limit, shots
    if place not in seen:  # Several models on one benchmark look at its prompts once.
        seen[place] = await look_at(connection, benchmark, item.limit, shots)
    configured = context.settings.rate_limit(model.key)
    stated = (
        (None, None)
        if isinstance(model, CatalogueModel)
        else (model.requests_per_minute, model.tokens_per_minute)
    )
    asked = Asked(
        model=model,
        benchmark=benchmark,
        judge=judge,
        limit=item.limit,
        epochs=item.epochs or 1,
        shots=shots,
        concurrency=min(item.concurrency or context.settings.concurrency, context.settings.concurrency),
        usual_concurrency=context.settings.concurrency,
        metrics=benchmark.metrics if item.metrics is None else item.metrics,
        requests_per_minute=stated[0] or configured[0],
        tokens_per_minute=stated[1] or configured[1],
    )
    found = await estimate(connection, project.id, asked, seen[place])
    if item.budget_usd is not None and found.cost_most is not None and found.cost_most > item.budget_usd:
        found.notes.append(
            f"At the most it would take more than its budget of {exact_money(item.budget_usd)}."
        )
    most = sum(
        (
            found.tokens_input_most,
            found.tokens_output_most,
            found.judge_tokens_input_most,
            found.judge_tokens_output_most,
        )
    )
    if item.budget_tokens is not None and most > item.budget_tokens:
        found.notes.append(
            f"At the most it would take more than its budget of {item.budget_tokens:,} tokens."
        )
    found.judge = await asyncio.to_thread(judge_use, seen[place].task)  # A scorer may be slow to import.
    return found.model_dump(mode="json", by_alias=True)
