"""Budgets: what evaluations, projects and API keys may spend, and what they have spent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from layerlens.models import Budget as WireBudget
from layerlens.models import BudgetList, BudgetUpdate, BudgetUpdated, DataEnvelope, EvaluationCreate
from stratix import evaluations as lifecycle
from stratix.api._auth import InCaller
from stratix.api._context import InContext
from stratix.api._errors import ApiError, invalid, not_found
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api._selection import find_model
from stratix.storage import budgets, evaluations, smart
from stratix.storage.budgets import PICOS, Amount, Owner
from stratix.storage.database import Connection, Database, Record
from stratix.storage.tenants import Caller

router = APIRouter(tags=["budgets"], route_class=GuardedRoute)


@router.get("/budgets", response_model=DataEnvelope[BudgetList])
async def list_budgets(caller: InCaller, context: InContext) -> Response:
    """Return the budgets of the organisation's projects and API keys, with and without a cap."""
    async with context.database.read() as connection:
        owners = await budgets.owners_in(connection, caller.organization_id)
        found = [await _budget(connection, owner) for owner in owners]
    return json_response({"data": {"budgets": found}})


@router.get("/budgets/{owner_id}", response_model=DataEnvelope[WireBudget])
async def get_budget(owner_id: str, caller: InCaller, context: InContext) -> Response:
    """Return the budget of an evaluation, a project or an API key.

    `project` and `key` stand for the first project and for the key that the request carries.
    """
    async with context.database.read() as connection:
        owner, _ = await _owner(connection, caller, owner_id)
        return json_response({"data": await _budget(connection, owner)})


@router.patch("/budgets/{owner_id}", response_model=DataEnvelope[BudgetUpdated])
async def update_budget(owner_id: str, body: BudgetUpdate, caller: InCaller, context: InContext) -> Response:
    """Change a budget; what it had paused goes on by itself once it was raised.

    Without a cap before, a project or a key counts from now on, an evaluation from its beginning.
    """
    given = body.model_fields_set
    if not given & {"usd", "tokens"} and not body.reset:
        raise ApiError(422, "The body changes nothing: give usd, tokens or reset.")
    caps: dict[str, int | None] = {}
    if "usd" in given:
        caps["cap_picos"] = None if body.usd is None else picos(body.usd)
    if "tokens" in given:
        caps["cap_tokens"] = body.tokens
    async with context.database.write() as connection:
        owner, evaluation = await _owner(connection, caller, owner_id)
        spent = Amount() if body.reset else None
        before = await budgets.get(connection, owner.id)
        if evaluation is not None:
            spent = await _check_evaluation(connection, evaluation, body, before)
        after = await budgets.set_caps(connection, context.database, owner.id, caps, spent)
        if evaluation is not None:
            own = {f"budget_{name}": getattr(body, name) for name in given & {"usd", "tokens"}}
            await budgets.change_own(connection, evaluation.id, own)
            if _is_capped(after) and not _is_capped(before):
                await _begin_anew(connection, evaluation)
        resumed: list[str] = []
        if body.reset or _is_raised(before, caps):
            resumed = [
                row.id
                for row in await budgets.stopped_at(connection, owner.id)
                if await lifecycle.resume(connection, row)
            ]
            await smart.resume_paused(connection, owner.id)
        answer = {"budget": await _budget(connection, owner), "resumed": resumed}
    return json_response({"data": answer})


def _is_capped(budget: Record | None) -> bool:
    return budget is not None and not (budget.cap_picos is None and budget.cap_tokens is None)


def _is_raised(before: Record | None, caps: dict[str, int | None]) -> bool:
    """Tell whether caps leave more room than before, in dollars or in tokens."""
    known = {name: getattr(before, name, None) for name in caps}
    return any(was is not None and (caps[name] is None or caps[name] > was) for name, was in known.items())


async def _begin_anew(connection: Connection, row: Record) -> None:
    """Have an evaluation that runs without a cap go on under one.

    Nobody has reserved anything for the answers that are on their way: it waits until these are stored,
    and counts them (see `budgets.catch_up`).
    """
    if await lifecycle.pause(connection, row):
        paused = await evaluations.get(connection, row.id)
        assert paused is not None
        await lifecycle.resume(connection, paused)


async def _check_evaluation(
    connection: Connection, row: Record, body: BudgetUpdate, known: Record | None
) -> Amount | None:
    """Return what an evaluation without a budget has spent so far, from which it goes on counting."""
    if body.reset:
        raise invalid("reset", "an evaluation's budget is for all of it: set a higher cap instead")
    if row.status in lifecycle.FINISHED:
        raise ApiError(409, f"The evaluation has ended, in {row.status}: there is nothing to spend any more.")
    return None if known is not None else await budgets.spent_by(connection, row.id)


async def _owner(connection: Connection, caller: Caller, owner_id: str) -> tuple[Owner, Record | None]:
    """Return whose budget is meant, and its row if that is an evaluation.

    Raises:
        ApiError: 404, there is nobody of that id here.
    """
    if owner_id == "project":
        owner_id = caller.project_ids[0]
    elif owner_id == "key" and caller.key_id is not None:
        owner_id = caller.key_id
    for owner in await budgets.owners_in(connection, caller.organization_id):
        if owner.id == owner_id:
            return owner, None
    row = await evaluations.get(connection, owner_id, caller.project_ids)
    if row is None or row.project_id not in caller.project_ids:
        raise not_found("evaluation, project or API key", owner_id)
    return Owner("evaluation", row.id, f"{row.model_key} on {row.benchmark_key}"), row


async def _budget(connection: Connection, owner: Owner) -> dict[str, Any]:
    row = await budgets.get(connection, owner.id)
    found: dict[str, Any] = {"owner_id": owner.id, "kind": owner.kind, "name": owner.name}
    if row is not None:
        held = (await budgets.reserved(connection, [owner.id])).get(owner.id, Amount())
        found |= {
            "usd": None if row.cap_picos is None else row.cap_picos / PICOS,
            "tokens": row.cap_tokens,
            "spent_usd": row.spent_picos / PICOS,
            "spent_tokens": row.spent_tokens,
            "reserved_usd": held.picos / PICOS,
            "reserved_tokens": held.tokens,
            "assumed_calls": row.assumed_calls,
            "since": row.since,
        }
    return WireBudget.model_validate(found).model_dump(mode="json")


def picos(usd: float) -> int:
    """Return US dollars in trillionths, as exactly as they were written."""
    return int(Decimal(repr(usd)) * PICOS)


async def spending_fields(
    connection: Connection, project: Record, caller: Caller, index: int, item: EvaluationCreate
) -> dict[str, Any]:
    """Return the columns of an evaluation that say what it may spend.

    Args:
        connection: to read from.
        project: whose evaluation it is.
        caller: who makes it.
        index: which item of the request it is.
        item: what is asked for, of models that are there.

    Raises:
        ApiError: 422, there is a cap in dollars, and a model's price is not known.
    """
    owners = [owner for owner in (project.id, caller.key_id) if owner is not None]
    in_dollars = [row for row in await budgets.capped(connection, owners) if row.cap_picos is not None]
    if in_dollars or item.budget_usd is not None:
        for model_id in filter(None, (item.model_id, item.judge_model_id)):
            model = await find_model(connection, project, model_id)
            if model is None or None not in (model.cost_per_input_token, model.cost_per_output_token):
                continue
            other = (
                "" if item.budget_usd is not None else "the project or the API key has one in dollars, and "
            )
            raise invalid(
                f"[{index}].budget_usd",
                f"{other}no price of {model.key!r} is known, so nobody can tell what it spends: give "
                "budget_tokens instead, or set the model's cost_per_input_token and cost_per_output_token "
                "(0 where it is free)",
            )
    return {
        "budget_usd": item.budget_usd,
        "budget_tokens": item.budget_tokens,
        "cache": item.cache,
        "api_key_id": caller.key_id,
    }


async def open_budget(connection: Connection, database: Database, row: Record) -> None:
    """Begin to count what a new evaluation spends, if it has a budget of its own."""
    if row.budget_usd is None and row.budget_tokens is None:
        return
    caps = {
        "cap_picos": None if row.budget_usd is None else picos(row.budget_usd),
        "cap_tokens": row.budget_tokens,
    }
    await budgets.set_caps(connection, database, row.id, caps)
