"""Scorings: the answers of an evaluation judged again, beside the verdicts they came with."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from layerlens.models import RescoreCreate, Scoring, ScoringChangeList, ScoringList
from stratix import evaluations as lifecycle
from stratix import scorers
from stratix.api import _wire
from stratix.api._auth import InCaller
from stratix.api._context import Context, InContext
from stratix.api._creation import Creation, InAsked
from stratix.api._errors import ApiError, invalid, not_found
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api._paging import InPage
from stratix.api._waiting import Wait, when_ended
from stratix.api.evaluations import find, find_own
from stratix.benchmarks.base import Task
from stratix.storage import benchmarks, scorings
from stratix.storage.database import Connection, Record

router = APIRouter(prefix="/evaluations/{evaluation_id}", tags=["scorings"], route_class=GuardedRoute)


@router.post("/rescore", response_model=Scoring)
async def rescore_evaluation(
    evaluation_id: str,
    caller: InCaller,
    context: InContext,
    asked: InAsked,
    body: RescoreCreate | None = None,
) -> Response:
    """Have the answers of a finished evaluation judged again by a worker; no model is asked.

    Its results and figures stay as they are; the new ones are the scoring's.
    """
    async with context.database.read() as connection:
        evaluation = await find_own(connection, caller, evaluation_id)
        creation = Creation(context, evaluation.project_id, *asked)
        if (answer := await creation.earlier()) is not None:
            return answer
        if evaluation.status not in lifecycle.FINISHED:
            raise ApiError(
                409, f"The evaluation is {evaluation.status}: score it again once it has ended, or cancel it."
            )
        if not scorings.scorable(evaluation):
            raise ApiError(409, "The evaluation has no whole answer that a scorer could judge.")
        version = await benchmarks.get_version(connection, evaluation.version_id)
    # A scorer may be slow to import.
    chosen = await asyncio.to_thread(_chosen, body or RescoreCreate(), evaluation, version)

    async def work(connection: Connection) -> dict[str, Any]:
        return _wire.scoring(await scorings.create(connection, evaluation, *chosen))

    return await creation.run(work)


@router.get("/scorings", response_model=ScoringList)
async def list_scorings(evaluation_id: str, caller: InCaller, context: InContext, page: InPage) -> Response:
    """Return one page of an evaluation's scorings, the latest first."""
    evaluation = await find(context, caller, evaluation_id)
    async with context.database.read() as connection:
        rows, total = await scorings.page(connection, evaluation.id, page.number, page.size)
    return json_response({"scorings": list(map(_wire.scoring, rows)), "total_count": total})


@router.get("/scorings/{scoring_id}", response_model=Scoring)
async def get_scoring(
    evaluation_id: str,
    scoring_id: str,
    request: Request,
    caller: InCaller,
    context: InContext,
    wait: Wait = 0.0,
) -> Response:
    """Return a scoring, at once or as soon as it has ended."""
    await find(context, caller, evaluation_id)
    return await when_ended(
        lambda: _find_scoring(context, evaluation_id, scoring_id), _wire.scoring, wait, request, context
    )


@router.get("/scorings/{scoring_id}/changes", response_model=ScoringChangeList)
async def list_changes(
    evaluation_id: str, scoring_id: str, caller: InCaller, context: InContext, page: InPage
) -> Response:
    """Return one page of the results whose verdict a scoring changes, with both verdicts."""
    evaluation = await find(context, caller, evaluation_id)
    scoring = await _find_scoring(context, evaluation_id, scoring_id)
    if scoring.status != "success":
        raise ApiError(409, f"The scoring is {scoring.status}: its changes are known once it is a success.")
    async with context.database.read() as connection:
        rows = await scorings.changes(connection, scoring, evaluation.version_id, page.number, page.size)
    return json_response({"changes": list(map(_wire.changed_result, rows)), "total_count": scoring.changed})


async def _find_scoring(context: Context, evaluation_id: str, scoring_id: str) -> Record:
    """Return a scoring of an evaluation that the caller may read."""
    async with context.database.read() as connection:
        row = await scorings.get(connection, evaluation_id, scoring_id)
    if row is None:
        raise not_found("scoring", scoring_id)
    return row


def _chosen(
    body: RescoreCreate, evaluation: Record, version: Record
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the scorer of all and those of subsets, the benchmark's own where none is chosen.

    Raises:
        ApiError: 422, there is no such scorer, option or subset, or a scorer that asks a model.
    """
    task = Task.model_validate(version.task)
    subsets = {subset["name"] for subset in version.subsets}
    if unknown := sorted(body.subset_scorers.keys() - subsets):
        there = f"it has: {', '.join(sorted(subsets))}" if subsets else "it has none"
        raise invalid("subset_scorers", f"the benchmark has no subset {', '.join(unknown)}; {there}")
    chosen = {subset: spec.model_dump() for subset, spec in body.subset_scorers.items()}
    if body.scorer is not None:
        scorer = body.scorer.model_dump()
    elif any(
        scorers.is_judged(spec.name) for spec in task.scorers(judged=evaluation.judge_model_id is not None)
    ):
        raise invalid("scorer", "a model graded these answers, and none is asked again: name another scorer")
    else:
        scorer = task.scorer.model_dump(mode="json")
        own = {subset: spec.model_dump(mode="json") for subset, spec in task.subset_scorers.items()}
        chosen = {**own, **chosen}
    fields = {"scorer": scorer, **{f"subset_scorers.{name}": spec for name, spec in chosen.items()}}
    for field, spec in fields.items():
        try:
            if scorers.is_judged(spec["name"]):
                raise invalid(
                    field, f"{spec['name']!r} has a model grade the answers, and no model is asked here"
                )
            scorers.get(spec["name"], **spec["options"])
        except ValueError as error:
            raise invalid(field, str(error)) from None
    return scorer, chosen
