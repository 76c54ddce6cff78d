"""Queries on budgets: what an evaluation, a project or an API key may spend, and leases of it."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import String, cast, delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage.database import Database, Record
from stratix.storage.tables import api_keys, evaluations, projects, results
from stratix.storage.tables import budget_leases as leases
from stratix.storage.tables import budgets as table

PICOS = 10**12
"""Trillionths in a US dollar."""

LEASE_SECONDS = 20.0
"""A lease that was not heard of for so long is a dead process's."""

_CAUTION = 4
"""A process takes no more in advance than this part of what is left, so that others find some."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Money and tokens together, for a cap may be in either.

    Attributes:
        picos: trillionths of a US dollar.
        tokens: tokens read and written.
    """

    picos: int = 0
    tokens: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.picos + other.picos, self.tokens + other.tokens)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.picos - other.picos, self.tokens - other.tokens)

    def __mul__(self, times: int) -> Amount:
        return Amount(self.picos * times, self.tokens * times)

    def covers(self, other: Amount) -> bool:
        """Tell whether it is enough for another amount, in both."""
        return self.picos >= other.picos and self.tokens >= other.tokens


class Shortage(NamedTuple):
    """A budget that does not hold what a call may take.

    Attributes:
        budget: its row.
        waiting: True if other processes hold some of it, and may give that back.
    """

    budget: Record
    waiting: bool


def owners_of(evaluation: Record) -> list[str]:
    """Return whose caps an evaluation is under: its own, its project's, and those of the key that made it."""
    owners = (evaluation.id, evaluation.project_id, evaluation.api_key_id)
    return [owner for owner in owners if owner is not None]


async def capped(connection: AsyncConnection, owners: Collection[str]) -> list[Record]:
    """Return the budgets of some owners that have a cap at all."""
    query = select(table).where(
        table.c.owner_id.in_(owners), table.c.cap_picos.is_not(None) | table.c.cap_tokens.is_not(None)
    )
    return list(await connection.execute(query))


async def get(connection: AsyncConnection, owner_id: str) -> Record | None:
    """Return the budget of an owner; None where there never was one."""
    return (await connection.execute(select(table).where(table.c.owner_id == owner_id))).one_or_none()


async def reserved(connection: AsyncConnection, owner_ids: Collection[str]) -> dict[str, Amount]:
    """Return what processes have set aside of budgets at the moment."""
    query = (
        select(leases.c.owner_id, func.sum(leases.c.picos), func.sum(leases.c.tokens))
        .where(leases.c.owner_id.in_(owner_ids))
        .group_by(leases.c.owner_id)
    )
    return {row[0]: Amount(int(row[1]), int(row[2])) for row in await connection.execute(query)}


async def set_caps(
    connection: AsyncConnection,
    database: Database,
    owner_id: str,
    caps: dict[str, int | None],
    spent: Amount | None = None,
) -> Record:
    """Set caps of a budget, and make it where there is none.

    Args:
        connection: in a write transaction.
        database: whose dialect to speak.
        owner_id: id of an evaluation, a project or an API key.
        caps: `cap_picos` and `cap_tokens`, None for no cap; what is not in it stays.
        spent: what counts as spent from now on; None leaves what is counted, which begins with nothing.
    """
    fresh = {"spent_picos": 0, "spent_tokens": 0, "assumed_calls": 0, "since": time.time()}
    changed: dict[str, Any] = dict(caps)
    if spent is not None:
        changed |= fresh | {"spent_picos": spent.picos, "spent_tokens": spent.tokens}
    made = database.insert(table).values(owner_id=owner_id, **{**fresh, **changed})
    if changed:
        made = made.on_conflict_do_update(index_elements=[table.c.owner_id], set_=changed)
    else:
        made = made.on_conflict_do_nothing()
    await connection.execute(made)
    return (await connection.execute(select(table).where(table.c.owner_id == owner_id))).one()


async def spent_by(connection: AsyncConnection, evaluation_id: str) -> Amount:
    """Add up what the results of an evaluation took, as far as it is known."""
    columns = results.c
    tokens = (columns.tokens_input, columns.tokens_output, columns.judge_tokens_input)
    every = [func.coalesce(column, 0) for column in (*tokens, columns.judge_tokens_output)]
    query = select(
        func.coalesce(func.sum(columns.cost), 0.0),
        func.coalesce(func.sum(every[0] + every[1] + every[2] + every[3]), 0),
    ).where(columns.evaluation_id == evaluation_id, columns.cached.is_(False))
    cost, used = (await connection.execute(query)).one()
    return Amount(round(cost * PICOS), int(used))


async def catch_up(connection: AsyncConnection, evaluation_id: str) -> None:
    """Count in an evaluation's own budget what its results took while it had no cap.

    Args:
        connection: in a write transaction.
        evaluation_id: an evaluation that no worker has answers of on their way.
    """
    if not await capped(connection, [evaluation_id]):
        return
    spent = await spent_by(connection, evaluation_id)
    # What was counted already may be more: calls that brought nothing, answers that were asked for again.
    for column, amount in ((table.c.spent_picos, spent.picos), (table.c.spent_tokens, spent.tokens)):
        behind = (table.c.owner_id == evaluation_id, column < amount)
        await connection.execute(update(table).where(*behind).values({column: amount}))


async def exchange(
    connection: AsyncConnection,
    owners: Sequence[str],
    holder: str,
    *,
    spent: Amount,
    assumed: int,
    keep: Amount,
    need: Amount,
    times: int,
) -> tuple[Amount, Shortage | None]:
    """Settle what a process has spent, and lease what it wants for the calls to come.

    What dead processes held counts as spent: their calls may have been billed, whatever came of them.

    Args:
        connection: in a write transaction.
        owners: whose budgets; those without a row are left out.
        holder: unique among processes and evaluations.
        spent: since it last did so.
        assumed: calls among these that were counted at the most they can cost.
        keep: what calls on their way may still take; leased whatever the caps are by now.
        need: what the next call may take; nothing if there is none.
        times: how often that is wanted in advance.

    Returns:
        What was leased beyond `keep`, at least `need` unless a budget falls short of it; and that one.
    """
    now = time.time()
    query = select(table).where(table.c.owner_id.in_(owners)).order_by(table.c.owner_id).with_for_update()
    rows = {row.owner_id: row for row in await connection.execute(query)}
    await _recover(connection, list(rows), now - LEASE_SECONDS)
    for owner in rows:
        await connection.execute(
            update(table)
            .where(table.c.owner_id == owner)
            .values(
                spent_picos=table.c.spent_picos + spent.picos,
                spent_tokens=table.c.spent_tokens + spent.tokens,
                assumed_calls=table.c.assumed_calls + assumed,
            )
        )
    await connection.execute(delete(leases).where(leases.c.owner_id.in_(rows), leases.c.holder == holder))
    others = await reserved(connection, list(rows))
    granted, shortage = times, None
    for budget in (await connection.execute(query)).all():
        taken = others.get(budget.owner_id, Amount())
        parts = (
            (budget.cap_picos, budget.spent_picos + keep.picos, taken.picos, need.picos),
            (budget.cap_tokens, budget.spent_tokens + keep.tokens, taken.tokens, need.tokens),
        )
        for cap, gone, elsewhere, wanted in parts:
            if cap is None or not wanted:
                continue
            left = cap - gone - elsewhere
            if left < wanted:
                # One that is spent is what stops an evaluation, not one that others may give back to.
                if shortage is None or not elsewhere:
                    shortage = Shortage(budget, elsewhere > 0)
                granted = 0
            else:
                granted = min(granted, max(1, left // _CAUTION // wanted))
    lease = keep + need * granted
    if rows and (lease.picos or lease.tokens):
        row = {"holder": holder, "picos": lease.picos, "tokens": lease.tokens, "heard_at": now}
        await connection.execute(insert(leases), [{"owner_id": owner, **row} for owner in rows])
    return need * granted, shortage


async def _recover(connection: AsyncConnection, owners: list[str], before: float) -> None:
    """Count what dead processes held of budgets as spent; the caller has locked these."""
    dead = (leases.c.owner_id.in_(owners)) & (leases.c.heard_at < before)
    gone = delete(leases).where(dead).returning(leases.c.owner_id, leases.c.picos, leases.c.tokens)
    for owner, picos, tokens in (await connection.execute(gone)).all():
        await connection.execute(
            update(table)
            .where(table.c.owner_id == owner)
            .values(
                spent_picos=table.c.spent_picos + picos,
                spent_tokens=table.c.spent_tokens + tokens,
                assumed_calls=table.c.assumed_calls + 1,
            )
        )


async def stopped_at(connection: AsyncConnection, owner_id: str) -> Sequence[Record]:
    """Return the evaluations that were paused at the cap of an owner, and not by anybody since."""
    mark = literal(f"{owner_id}:") + cast(evaluations.c.generation, String)
    query = select(evaluations).where(evaluations.c.status == "paused", evaluations.c.budget_stop == mark)
    return (await connection.execute(query.order_by(evaluations.c.submitted_at))).all()


async def change_own(connection: AsyncConnection, evaluation_id: str, values: Mapping[str, Any]) -> None:
    """Note on an evaluation what caps it has itself: `budget_usd`, `budget_tokens`."""
    if values:
        await connection.execute(
            update(evaluations).where(evaluations.c.id == evaluation_id).values(**values)
        )


class Owner(NamedTuple):
    """Somebody who may have a budget.

    Attributes:
        kind: what it is.
        id: its id.
        name: its name; of a key with its first letters.
    """

    kind: Literal["project", "key", "evaluation"]
    id: str
    name: str


async def owners_in(connection: AsyncConnection, organization_id: str) -> list[Owner]:
    """Return the projects and the API keys in use of an organisation, the oldest first."""
    of_projects = (
        select(projects).where(projects.c.organization_id == organization_id).order_by(projects.c.created_at)
    )
    of_keys = (
        select(api_keys)
        .where(api_keys.c.organization_id == organization_id, api_keys.c.revoked_at.is_(None))
        .order_by(api_keys.c.created_at)
    )
    found = [Owner("project", row.id, row.name) for row in await connection.execute(of_projects)]
    keys = await connection.execute(of_keys)
    return found + [Owner("key", row.id, f"{row.name} ({row.prefix}...)") for row in keys]
