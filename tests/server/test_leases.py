"""Leases add up under a cap, whoever holds them and whoever dies."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy import update

from stratix.storage import budgets
from stratix.storage.budgets import LEASE_SECONDS, Amount
from stratix.storage.tables import budget_leases

NOTHING = Amount()


async def exchange(database, holder, **changed):
    wanted = {"spent": NOTHING, "assumed": 0, "keep": NOTHING, "need": NOTHING, "times": 1, **changed}
    async with database.write() as connection:
        return await budgets.exchange(connection, ["owner", "nobody"], holder, **wanted)


@pytest.fixture
async def capped(database):
    """A budget of 1,000 tokens."""
    async with database.write() as connection:
        await budgets.set_caps(connection, database, "owner", {"cap_tokens": 1000})
    return database


async def row(database):
    async with database.read() as connection:
        return await budgets.get(connection, "owner")


async def test_what_is_leased_never_passes_the_cap(capped):
    need = Amount(tokens=7)

    async def worker(name):
        leased = 0
        for _ in range(20):
            got, _ = await exchange(capped, name, keep=Amount(tokens=leased), need=need, times=8)
            leased += got.tokens
        return leased

    leased = await asyncio.gather(*(worker(f"w{n}") for n in range(4)))
    assert sum(leased) == 1000 // 7 * 7


async def test_a_shortage_says_whether_others_may_give_back(capped):
    got, shortage = await exchange(capped, "a", need=Amount(tokens=900))
    assert (got.tokens, shortage) == (900, None)
    got, shortage = await exchange(capped, "b", need=Amount(tokens=200))
    assert got == NOTHING
    assert shortage.waiting
    await exchange(capped, "a", spent=Amount(tokens=900))
    got, shortage = await exchange(capped, "b", need=Amount(tokens=200))
    assert got == NOTHING
    assert not shortage.waiting
    assert (await exchange(capped, "b", need=Amount(tokens=100)))[0].tokens == 100


async def test_what_a_dead_process_held_counts_as_spent_and_only_then(capped):
    await exchange(capped, "dead", need=Amount(tokens=300))
    got, shortage = await exchange(capped, "alive", need=Amount(tokens=800))
    assert shortage.waiting
    async with capped.write() as connection:
        past = time.time() - LEASE_SECONDS - 1
        await connection.execute(update(budget_leases).values(heard_at=past))
    got, shortage = await exchange(capped, "alive", need=Amount(tokens=800))
    assert got == NOTHING
    assert not shortage.waiting
    found = await row(capped)
    assert (found.spent_tokens, found.assumed_calls) == (300, 1)
    # A process that was frozen and thaws may count again what it held, but never less.
    await exchange(capped, "dead", spent=Amount(tokens=50), keep=Amount(tokens=250))
    assert (await row(capped)).spent_tokens == 350


async def test_a_cap_below_what_is_spent_leases_nothing(capped):
    await exchange(capped, "a", spent=Amount(tokens=600))
    async with capped.write() as connection:
        await budgets.set_caps(connection, capped, "owner", {"cap_tokens": 500})
    got, shortage = await exchange(capped, "a", need=Amount(tokens=1))
    assert got == NOTHING
    assert shortage.budget.spent_tokens == 600
