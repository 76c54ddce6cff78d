"""Keep an evaluation within what it may spend: no call goes out that could pass a cap."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Sequence
from typing import Protocol

from stratix.analysis.summary.wording import exact_money
from stratix.runner.calls import Unwanted
from stratix.runner.endpoints import Model
from stratix.storage import budgets
from stratix.storage.budgets import PICOS, Amount, Shortage
from stratix.storage.database import Connection, Database, Record, is_unavailable

log = logging.getLogger(__name__)

_NOTHING = Amount()
_FEWEST, _MOST = 8, 1024
_OFTEN = 0.25
_BEAT_SECONDS = 1.0
_WAIT_SECONDS = 0.2
_PATIENCE = 0.5


class Spender(Protocol):
    """Whatever calls models under caps: the job of an evaluation, or of a benchmark that is generated."""

    @property
    def id(self) -> str:
        """The id of the evaluation or the benchmark."""

    @property
    def project_id(self) -> str:
        """Whose it is."""

    @property
    def owners(self) -> Sequence[str]:
        """Whose caps it is under."""

    @property
    def wanted(self) -> bool:
        """False once nothing more is to be sent."""

    async def stop_at(self, connection: Connection, owner_id: str, reason: str) -> None:
        """Pause at the cap of an owner, in the transaction that saw it."""

    def leave(self, *, drop: bool) -> None:
        """Send nothing more; with `drop`, give up what is in flight too."""


class Budget:
    """What this process may spend on an evaluation, or a benchmark that is generated, under all its caps.

    The process leases a part of the budgets in the database, which is at all times at least what its
    calls on their way may take at the most, plus what they took and is not settled yet. So a call
    needs no transaction while the lease lasts, and the budgets hold whatever is killed when: what is
    left of a dead process's lease counts as spent.

    Args:
        database: where the budgets are.
        job: the evaluation, or what else spends.
    """

    def __init__(self, database: Database, job: Spender) -> None:
        self._database = database
        self._job = job
        self._owners = job.owners
        self._holder = f"{job.id}:{uuid.uuid4().hex[:16]}"
        self._free = _NOTHING  # Leased, and not set aside for a call.
        self._on_their_way = _NOTHING
        self._spent, self._assumed = _NOTHING, 0  # Since the last exchange.
        self._need, self._times, self._asked_at = _NOTHING, _FEWEST, 0.0
        self._in_use = False
        self._exchanging, self._turn = asyncio.Lock(), asyncio.Lock()
        self._given_back = asyncio.Event()
        self._beating = asyncio.create_task(self._beat())

    async def reserve(self, need: Amount) -> None:
        """Set aside what a call may take at the most; wait for others to give back where it must.

        Raises:
            Unwanted: a cap does not allow for the call, and the evaluation is paused for it now.
        """
        if not self._turn.locked() and self._free.covers(need):
            self._set_aside(need)
            return
        async with self._turn:
            while not self._free.covers(need):
                if not self._job.wanted:
                    raise Unwanted
                self._given_back.clear()
                self._hurry(need)
                if await self._exchange(need, pausing=True) is not None and self._job.wanted:
                    # Calls on their way, here or elsewhere, may take less than was set aside for them.
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(_WAIT_SECONDS):
                            await self._given_back.wait()
            self._set_aside(need)

    def _hurry(self, need: Amount) -> None:
        """Lease more at a time where that is asked for often."""
        now = time.monotonic()
        often = now - self._asked_at < _OFTEN
        self._times = min(_MOST, self._times * 2) if often else max(_FEWEST, self._times // 2)
        self._need, self._asked_at = need, now

    async def reserve_now(self, need: Amount) -> bool:
        """Set aside what a call may take if there is so much, without waiting for others."""
        if not self._free.covers(need):
            await self._exchange(need, pausing=False)
        if not self._free.covers(need):
            return False
        self._set_aside(need)
        return True

    def _set_aside(self, need: Amount) -> None:
        self._in_use = True
        self._free -= need
        self._on_their_way += need

    def settle(self, reserved: Amount, spent: Amount = _NOTHING, *, assumed: bool = False) -> None:
        """Note what became of what was set aside.

        Args:
            reserved: what was set aside.
            spent: what the call took.
            assumed: True if nobody said what it took, so that it counts at the most it may have.
        """
        self._on_their_way -= reserved
        self._spent += spent
        self._assumed += assumed
        self._free += reserved - spent
        self._given_back.set()

    async def flush(self) -> None:
        """Return once what was spent is counted in the database; what is left over goes back."""
        await self._exchange(_NOTHING, pausing=False)

    async def _exchange(self, need: Amount, *, pausing: bool) -> Shortage | None:
        """Settle with the database, and lease for calls to come; pause the evaluation at a cap.

        Returns:
            The budget that fell short, if one did.
        """
        # A prompt that is dropped meanwhile must not leave it half done.
        return await asyncio.shield(asyncio.create_task(self._exchanged(need, pausing)))

    async def _exchanged(self, need: Amount, pausing: bool) -> Shortage | None:
        async with self._exchanging:
            spent, assumed, keep = self._spent, self._assumed, self._on_their_way
            # What is left over goes back, and comes again with what is leased now.
            self._spent, self._assumed, self._free = _NOTHING, 0, _NOTHING
            while True:
                try:
                    granted, shortage = await self._commit(spent, assumed, keep, need, pausing)
                    break
                except Exception as error:
                    if not is_unavailable(error):
                        raise
                    await asyncio.sleep(_PATIENCE)
            self._free += granted
            return shortage

    async def _commit(
        self, spent: Amount, assumed: int, keep: Amount, need: Amount, pausing: bool
    ) -> tuple[Amount, Shortage | None]:
        async with self._database.write() as connection:
            granted, shortage = await budgets.exchange(
                connection,
                self._owners,
                self._holder,
                spent=spent,
                assumed=assumed,
                keep=keep,
                need=need,
                times=self._times if need != _NOTHING else 0,
            )
            final = pausing and shortage is not None and not shortage.waiting and keep == _NOTHING
            if shortage is not None and final:
                # In the transaction that saw the cap, so that whoever raises it sees the pause.
                reason = _reason(shortage.budget, self._job, need)
                await self._job.stop_at(connection, shortage.budget.owner_id, reason)
        if final:
            self._job.leave(drop=False)
        return granted, shortage

    async def _beat(self) -> None:
        """Settle now and then, give back what is not needed, and show that this process is alive."""
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            if self._turn.locked():
                continue  # Who waits there does the same all the time.
            need = self._need if self._in_use else _NOTHING
            self._in_use = False
            try:
                await self._exchange(need, pausing=False)
            except Exception:
                log.warning("a budget of %s could not be settled", self._job.id, exc_info=True)

    async def close(self) -> None:
        """Settle, and give back what is left."""
        self._beating.cancel()
        await self.flush()


async def budget_of(database: Database, job: Spender, models: Sequence[Model | None]) -> Budget | None:
    """Return the budget of what spends; None while it is under no cap.

    It is paused if there is a cap in dollars and one of its models has no price.

    Args:
        database: where the budgets are.
        job: an evaluation, or what else spends.
        models: that it calls.
    """
    async with database.read() as connection:
        caps = await budgets.capped(connection, job.owners)
    if not caps:
        return None
    in_dollars = next((budget.owner_id for budget in caps if budget.cap_picos is not None), None)
    unpriced = [model for model in models if model is not None and model.price is None]
    if in_dollars is not None and unpriced:
        name = unpriced[0].settings.name
        reason = (
            f"Paused: there is a budget in dollars, and no price of {name} is known. Set its prices, or a "
            "budget in tokens instead; then resume."
        )
        async with database.write() as connection:
            await job.stop_at(connection, in_dollars, reason)
        job.leave(drop=False)
    return Budget(database, job)


def _reason(budget: Record, job: Spender, need: Amount) -> str:
    """Say which cap was reached, what is left of it, and what to do."""
    kinds = {job.id: "evaluation", job.project_id: "project"}
    kind = kinds.get(budget.owner_id, "API key")
    parts = []
    if budget.cap_picos is not None:
        spent, cap, wanted = (
            exact_money(part / PICOS) for part in (budget.spent_picos, budget.cap_picos, need.picos)
        )
        parts.append(f"{spent} of {cap} are spent, and the next prompt may take {wanted}")
    if budget.cap_tokens is not None:
        parts.append(
            f"{budget.spent_tokens:,} of {budget.cap_tokens:,} tokens are spent, and the next prompt may "
            f"take {need.tokens:,}"
        )
    assumed = (
        f" {budget.assumed_calls:,} calls count at the most they can cost, for the endpoint did not say."
        if budget.assumed_calls
        else ""
    )
    return f"Paused at the budget of the {kind}: {'; '.join(parts)}.{assumed} Raise it and it goes on."
