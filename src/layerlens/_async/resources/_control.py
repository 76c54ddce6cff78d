"""Pausing evaluations, letting them go on, cancelling them, taking them up again, and deleting them."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from layerlens._async.resources._base import AsyncResource, id_of
from layerlens._config import as_timeout
from layerlens._protocol import Call, body_of, path_of
from layerlens.models import DataEnvelope, Evaluation, Outcome, RetryCreate


class AsyncControl(AsyncResource):
    """A resource whose evaluations can be stopped and started."""

    async def pause(
        self, evaluation: Evaluation | str, *, timeout: float | httpx.Timeout | None = None
    ) -> Evaluation | None:
        """Pause an evaluation: answers on their way are kept as they come, nothing more is asked.

        One that is paused already stays so.

        Args:
            evaluation: the evaluation, or its id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The evaluation as it stands now; None if it does not exist or belongs to someone else.

        Raises:
            ConflictError: it is finished already.
            APIError: the server could not be asked.
        """
        return await self._step(evaluation, "pause", None, timeout)

    async def resume(
        self, evaluation: Evaluation | str, *, timeout: float | httpx.Timeout | None = None
    ) -> Evaluation | None:
        """Let a paused evaluation go on where it stopped; no prompt is asked twice for it.

        One that is not paused goes on as it does.

        Args:
            evaluation: the evaluation, or its id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The evaluation as it stands now; None if it does not exist or belongs to someone else.

        Raises:
            ConflictError: it is finished already.
            APIError: the server could not be asked.
        """
        return await self._step(evaluation, "resume", None, timeout)

    async def cancel(
        self, evaluation: Evaluation | str, *, timeout: float | httpx.Timeout | None = None
    ) -> Evaluation | None:
        """Cancel an evaluation; the results it has stay.

        Args:
            evaluation: the evaluation, or its id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The evaluation as it stands now; None if it does not exist or belongs to someone else.

        Raises:
            ConflictError: it is finished already.
            APIError: the server could not be asked.
        """
        return await self._step(evaluation, "cancel", None, timeout)

    async def retry(
        self,
        evaluation: Evaluation | str,
        *,
        outcomes: Sequence[Outcome | str] | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> Evaluation | None:
        """Take up a finished evaluation again: ask anew for what failed, and for what was never asked.

        It runs by the settings and the version of the benchmark it is pinned to. A new result takes the place
        of the one before, and has the attempts, tokens and cost of both; where none comes, that one stays.

        Args:
            evaluation: the evaluation, or its id.
            outcomes: outcomes of the results to ask for anew, such as `truncated`; None is `failed` alone.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The evaluation, queued again; None if it does not exist or belongs to someone else.

        Raises:
            ValueError: there is no such outcome, or none is named.
            ConflictError: it is not finished, or has nothing to ask for.
            APIError: the server could not be asked.
        """
        body = body_of(RetryCreate, outcomes=None if outcomes is None else list(outcomes))
        return await self._step(evaluation, "retry", body, timeout)

    async def delete(
        self, evaluation: Evaluation | str, *, timeout: float | httpx.Timeout | None = None
    ) -> bool:
        """Delete an evaluation that is finished, with its results and all that hangs on it, for good.

        What was spent on it stays counted, and its answers stay in the cache.

        Args:
            evaluation: the evaluation, or its id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            True once it is gone; False if it does not exist or belongs to someone else.

        Raises:
            ConflictError: it is not finished; cancel it first.
            APIError: the server could not be asked.
        """
        path = path_of("evaluations", id_of(evaluation))
        call = Call("DELETE", path, DataEnvelope[Evaluation], timeout=as_timeout(timeout))
        return await self._session.send_or_none(call) is not None

    async def _step(
        self,
        evaluation: Evaluation | str,
        step: str,
        body: RetryCreate | None,
        timeout: float | httpx.Timeout | None,
    ) -> Evaluation | None:
        path = path_of("evaluations", id_of(evaluation), step)
        return await self._evaluation(Call("POST", path, Evaluation, body=body, timeout=as_timeout(timeout)))
