"""Budgets of projects and API keys."""

from __future__ import annotations

import httpx

from layerlens._async.resources._base import AsyncResource, Identified, id_of
from layerlens._config import as_timeout
from layerlens._protocol import Call, body_of, path_of
from layerlens.models import Budget, BudgetList, BudgetUpdate, BudgetUpdated, DataEnvelope


class AsyncBudgets(AsyncResource):
    """What projects, API keys and evaluations may spend.

    An owner is a project, an API key or an evaluation, by itself or by its id; `project` and `key` stand for
    the client's own.
    """

    async def get(self, *, timeout: float | httpx.Timeout | None = None) -> list[Budget]:
        """Fetch the budgets of the organisation's projects and API keys, with and without a cap.

        Args:
            timeout: seconds the request may take, in place of the client's setting.

        Raises:
            APIError: the server could not be asked.
        """
        call = Call("GET", path_of("budgets"), DataEnvelope[BudgetList], timeout=as_timeout(timeout))
        return (await self._session.data(call)).budgets

    async def get_by_id(
        self, owner: Identified | str, *, timeout: float | httpx.Timeout | None = None
    ) -> Budget | None:
        """Fetch one budget.

        Args:
            owner: whose.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The budget, without a cap where there is none; None if there is no such owner.

        Raises:
            APIError: the server could not be asked.
        """
        path = path_of("budgets", id_of(owner))
        return await self._session.data_or_none(
            Call("GET", path, DataEnvelope[Budget], timeout=as_timeout(timeout))
        )

    async def set(
        self,
        owner: Identified | str,
        *,
        usd: float | None = None,
        tokens: int | None = None,
        reset: bool = False,
        timeout: float | httpx.Timeout | None = None,
    ) -> BudgetUpdated:
        """Set a budget; evaluations that were paused at its cap go on if it is raised.

        Args:
            owner: whose.
            usd: the cap in US dollars, above 0; None leaves it.
            tokens: the cap in tokens, from 1; None leaves it.
            reset: True counts what a project or a key spends anew, from now on.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The budget as it is now, and which evaluations go on.

        Raises:
            ValueError: an argument is out of range, or nothing is given to change.
            NotFoundError: there is no such owner.
            APIError: the server could not be asked, or refused.
        """
        body = body_of(BudgetUpdate, usd=usd, tokens=tokens, reset=reset or None)
        if not body:
            raise ValueError("Nothing to change: give usd, tokens or reset")
        return await self._change(owner, body, timeout)

    async def remove(
        self, owner: Identified | str, *, timeout: float | httpx.Timeout | None = None
    ) -> BudgetUpdated:
        """Take both caps of a budget away; evaluations that were paused at them go on.

        Args:
            owner: whose.
            timeout: seconds the request may take, in place of the client's setting.

        Raises:
            NotFoundError: there is no such owner.
            APIError: the server could not be asked, or refused.
        """
        return await self._change(owner, {"usd": None, "tokens": None}, timeout)

    async def _change(
        self, owner: Identified | str, body: object, timeout: float | httpx.Timeout | None
    ) -> BudgetUpdated:
        path = path_of("budgets", id_of(owner))
        return await self._session.data(
            Call("PATCH", path, DataEnvelope[BudgetUpdated], body=body, timeout=as_timeout(timeout))
        )
