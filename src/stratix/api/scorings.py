"""Scorings: the answers of an evaluation judged again, beside the verdicts they came with."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from layerlens.models import Evaluation, RescoreCreate, Scoring, ScoringChangeList, ScoringList
from stratix import evaluations as lifecycle
from stratix import scorers
from stratix.api import _wire
from stratix.api._auth import InCaller
from stratix.api._context import Context, InContext
from stratix.api._creation import Creation, InAsked
from stratix.api._errors import ApiError, invalid, not_found
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api._judging import judge_columns
from stratix.api._paging import InPage
from stratix.api._waiting import Wait, when_ended
from stratix.api.evaluations import find, find_own
from stratix.benchmarks.base import Task
from stratix.storage import benchmarks, scorings, tenants
from stratix.storage.database import Connection, Record
from stratix.storage.tenants import Caller

router = APIRouter(prefix="/evaluations/{evaluation_id}", tags=["scorings"], route_class=GuardedRoute)


@router.post("/rescore", response_model=Scoring)
async def rescore_evaluation(
    evaluation_id: str,
    caller: InCaller,
    context: InContext,
    asked: InAsked,
    body: RescoreCreate | None = None,
) -> Response:
    """Have the answers of a finished evaluation judged again by a worker, if need be by a judge model.

    Its results and figures stay as they are; the new ones are the scoring's until it is applied.
    """
    body = body or RescoreCreate()
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
        judge = await _judge(connection, context, caller, evaluation, body)
    # A scorer may be slow to import.
    chosen = await asyncio.to_thread(_chosen, body, evaluation, version)

    async def work(connection: Connection) -> dict[str, Any]:
        return _wire.scoring(await scorings.create(connection, evaluation, *chosen, judge))

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


@router.post("/scorings/{scoring_id}/cancel", response_model=Scoring)
async def cancel_scoring(
    evaluation_id: str, scoring_id: str, caller: InCaller, context: InContext
) -> Response:
    """Cancel a scoring that has not ended; nothing is made of the verdicts it has."""
    async with context.database.write() as connection:
        await find_own(connection, caller, evaluation_id)
        await scorings.cancel(connection, evaluation_id, scoring_id, "cancelled on request")
        row = await _found(connection, evaluation_id, scoring_id)
    if row.status != "cancelled":
        raise ApiError(409, f"The scoring has ended already, in {row.status}: nothing to cancel.")
    return json_response(_wire.scoring(row))


@router.post("/scorings/original/apply", response_model=Evaluation)
async def revert_scoring(evaluation_id: str, caller: InCaller, context: InContext) -> Response:
    """Have an evaluation show the verdicts again that its results came with."""
    return await _show(context, caller, evaluation_id, None)


@router.post("/scorings/{scoring_id}/apply", response_model=Evaluation)
async def apply_scoring(
    evaluation_id: str, scoring_id: str, caller: InCaller, context: InContext
) -> Response:
    """Have an evaluation show the verdicts of a scoring; those its results came with are kept."""
    return await _show(context, caller, evaluation_id, scoring_id)


async def _show(context: Context, caller: Caller, evaluation_id: str, scoring_id: str | None) -> Response:
    async with context.database.write() as connection:
        row = await find_own(connection, caller, evaluation_id)
        scoring = None if scoring_id is None else await _found(connection, evaluation_id, scoring_id)
        if row.shown_scoring_id != scoring_id:
            if scoring is not None and scoring.status != "success":
                raise ApiError(409, f"The scoring is {scoring.status}: only one in success can be applied.")
            if scoring is not None and row.retries and scoring.created_at < (row.finished_at or 0.0):
                raise ApiError(409, "The evaluation was retried since that scoring: score it again.")
            if not await lifecycle.show(connection, row, scoring):
                raise ApiError(
                    409, f"The evaluation is {row.status}: its verdicts can be chosen once it has ended."
                )
            row = await find_own(connection, caller, evaluation_id)
    return json_response(_wire.evaluation(row))


async def _judge(
    connection: Connection, context: Context, caller: Caller, evaluation: Record, body: RescoreCreate
) -> dict[str, Any] | None:
    """Return the columns that say which model grades; None where none is named."""
    if body.judge_model_id is None:
        return None
    project = await tenants.get_project(connection, caller.organization_id, evaluation.project_id)
    assert project is not None  # The evaluation is the caller's own.
    return await judge_columns(connection, context, project, "judge_model_id", body.judge_model_id)


async def _find_scoring(context: Context, evaluation_id: str, scoring_id: str) -> Record:
    """Return a scoring of an evaluation that the caller may read."""
    async with context.database.read() as connection:
        return await _found(connection, evaluation_id, scoring_id)


async def _found(connection: Connection, evaluation_id: str, scoring_id: str) -> Record:
    row = await scorings.get(connection, evaluation_id, scoring_id)
    if row is None:
        raise not_found("scoring", scoring_id)
    return row


def _chosen(
    body: RescoreCreate, evaluation: Record, version: Record
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the scorer of all and those of subsets, the benchmark's own where none is chosen.

    Raises:
        ApiError: 422, there is no such scorer, option or subset, or a judge is missing or not needed.
    """
    judged = body.judge_model_id is not None
    task = Task.model_validate(version.task)
    subsets = {subset["name"] for subset in version.subsets}
    if unknown := sorted(body.subset_scorers.keys() - subsets):
        there = f"it has: {', '.join(sorted(subsets))}" if subsets else "it has none"
        raise invalid("subset_scorers", f"the benchmark has no subset {', '.join(unknown)}; {there}")
    chosen = {subset: spec.model_dump() for subset, spec in body.subset_scorers.items()}
    if body.scorer is not None:
        scorer = body.scorer.model_dump()
    else:
        was_judged = evaluation.judge_model_id is not None
        if not judged and any(scorers.is_judged(spec.name) for spec in task.scorers(judged=was_judged)):
            raise invalid(
                "judge_model_id", "a model graded these answers: name one that does so, or another scorer"
            )
        scorer = task.scorer_of("", judged=judged).model_dump(mode="json")
        own = {subset: spec.model_dump(mode="json") for subset, spec in task.subset_scorers.items()}
        chosen = {**own, **chosen}
    fields = {"scorer": scorer, **{f"subset_scorers.{name}": spec for name, spec in chosen.items()}}
    for field, spec in fields.items():
        try:
            if scorers.is_judged(spec["name"]) and not judged:
                raise invalid(
                    field, f"{spec['name']!r} has a model grade the answers: name it as judge_model_id"
                )
            scorers.make(spec["name"], **spec["options"])
        except ValueError as error:
            raise invalid(field, str(error)) from None
    if judged and not any(scorers.is_judged(spec["name"]) for spec in fields.values()):
        raise invalid("judge_model_id", "these scorers ask no model: leave the judge out")
    return scorer, chosen
