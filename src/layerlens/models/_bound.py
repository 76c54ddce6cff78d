"""What an evaluation can do by itself once a client has returned it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Self

from pydantic import PrivateAttr

from layerlens._errors import StratixError

from ._base import WireModel

if TYPE_CHECKING:
    import httpx

    from .result import Result, ResultsResponse


class BoundEvaluation(WireModel):
    """The methods of an evaluation; they speak through the client that returned it.

    An evaluation of a synchronous client has the plain methods, one of an asynchronous client those that end
    in `_async`; each raises `StratixError` when called on the other kind, or on an evaluation that no client
    returned. A pickled evaluation leaves its client behind.
    """

    _client: Any = PrivateAttr(default=None)

    if TYPE_CHECKING:
        # The subclass declares it: a field of pydantic cannot be left abstract.
        id: str

    def refresh(self) -> Self | None:
        """Bring this evaluation up to date.

        Returns:
            This same object, or None if the evaluation does not exist any more.

        Raises:
            APIError: the server could not be asked.
        """
        return self._take(self._client_of("refresh").evaluations.get_by_id(self.id))

    async def refresh_async(self) -> Self | None:
        """Bring this evaluation up to date; see `refresh`."""
        return self._take(await self._client_of("refresh_async").evaluations.get_by_id(self.id))

    def wait_for_completion(
        self,
        interval_seconds: float = 30,
        timeout_seconds: float | None = None,
        on_progress: Callable[[Self], Any] | None = None,
    ) -> Self | None:
        """Wait until this evaluation is finished or the time is up, and bring it up to date.

        Args:
            interval_seconds: longest time between two looks at it; the end is learnt within a second all the
                same.
            timeout_seconds: longest time to wait; None waits without limit.
            on_progress: called with the latest evaluation whenever the server tells of it.

        Returns:
            This same object, not finished if the time was up (see `is_finished`); None if the evaluation does
            not exist any more.

        Raises:
            APIError: the server could not be asked.
        """
        client = self._client_of("wait_for_completion")
        return self._take(
            client.evaluations.wait_for_completion(
                self,
                interval_seconds=interval_seconds,
                timeout_seconds=timeout_seconds,
                on_progress=on_progress,
            )
        )

    async def wait_for_completion_async(
        self,
        interval_seconds: float = 30,
        timeout_seconds: float | None = None,
        on_progress: Callable[[Self], Any] | None = None,
    ) -> Self | None:
        """Wait until this evaluation is finished or the time is up; see `wait_for_completion`.

        `on_progress` may be a coroutine function.
        """
        client = self._client_of("wait_for_completion_async")
        return self._take(
            await client.evaluations.wait_for_completion(
                self,
                interval_seconds=interval_seconds,
                timeout_seconds=timeout_seconds,
                on_progress=on_progress,
            )
        )

    def pause(self) -> Self | None:
        """Pause this evaluation, and bring it up to date: what is on its way is kept, nothing more asked.

        Returns:
            This same object, or None if the evaluation does not exist any more.

        Raises:
            ConflictError: it is finished already.
            APIError: the server could not be asked.
        """
        return self._take(self._client_of("pause").evaluations.pause(self.id))

    async def pause_async(self) -> Self | None:
        """Pause this evaluation; see `pause`."""
        return self._take(await self._client_of("pause_async").evaluations.pause(self.id))

    def resume(self) -> Self | None:
        """Let this evaluation go on where it was paused, and bring it up to date.

        Returns:
            This same object, or None if the evaluation does not exist any more.

        Raises:
            ConflictError: it is finished already.
            APIError: the server could not be asked.
        """
        return self._take(self._client_of("resume").evaluations.resume(self.id))

    async def resume_async(self) -> Self | None:
        """Let this evaluation go on where it was paused; see `resume`."""
        return self._take(await self._client_of("resume_async").evaluations.resume(self.id))

    def cancel(self) -> Self | None:
        """Cancel this evaluation, and bring it up to date; the results it has stay.

        Returns:
            This same object, or None if the evaluation does not exist any more.

        Raises:
            ConflictError: it is finished already.
            APIError: the server could not be asked.
        """
        return self._take(self._client_of("cancel").evaluations.cancel(self.id))

    async def cancel_async(self) -> Self | None:
        """Cancel this evaluation; see `cancel`."""
        return self._take(await self._client_of("cancel_async").evaluations.cancel(self.id))

    def retry(self, outcomes: Sequence[str] | None = None) -> Self | None:
        """Take this finished evaluation up again, and bring it up to date.

        Args:
            outcomes: outcomes of the results to ask for anew; None is `failed` alone. What was never asked
                is asked in any case.

        Returns:
            This same object, or None if the evaluation does not exist any more.

        Raises:
            ValueError: there is no such outcome, or none is named.
            ConflictError: it is not finished, or has nothing to ask for.
            APIError: the server could not be asked.
        """
        return self._take(self._client_of("retry").evaluations.retry(self.id, outcomes=outcomes))

    async def retry_async(self, outcomes: Sequence[str] | None = None) -> Self | None:
        """Take this finished evaluation up again; see `retry`."""
        client = self._client_of("retry_async")
        return self._take(await client.evaluations.retry(self.id, outcomes=outcomes))

    def get_results(
        self,
        page: int | None = None,
        page_size: int | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> ResultsResponse | None:
        """Fetch a page of this evaluation's results, also while it is running.

        Args:
            page: page number from 1; None is 1.
            page_size: results a page, 1 to 500; None is 100.
            timeout: seconds this request may take, in place of the client's setting.

        Returns:
            The page, or None if the evaluation does not exist any more.

        Raises:
            ValueError: `page` or `page_size` is out of range.
            APIError: the server could not be asked.
        """
        found: ResultsResponse | None = self._client_of("get_results").results.get_by_id(
            evaluation_id=self.id, page=page, page_size=page_size, timeout=timeout
        )
        return found

    async def get_results_async(
        self,
        page: int | None = None,
        page_size: int | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> ResultsResponse | None:
        """Fetch a page of this evaluation's results; see `get_results`."""
        found: ResultsResponse | None = await self._client_of("get_results_async").results.get_by_id(
            evaluation_id=self.id, page=page, page_size=page_size, timeout=timeout
        )
        return found

    def get_all_results(self, timeout: float | httpx.Timeout | None = None) -> list[Result]:
        """Fetch all results of this evaluation, in order.

        Args:
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            Every result there is; for a running evaluation every one there was when the call began, or more.

        Raises:
            NotFoundError: the evaluation does not exist any more.
            IncompletePagesError: the server's pages hold fewer results than it says there are.
            APIError: the server could not be asked.
        """
        found: list[Result] = self._client_of("get_all_results").results.get_all_by_id(
            evaluation_id=self.id, timeout=timeout
        )
        return found

    async def get_all_results_async(
        self,
        timeout: float | httpx.Timeout | None = None,
    ) -> list[Result]:
        """Fetch all results of this evaluation, in order; see `get_all_results`."""
        found: list[Result] = await self._client_of("get_all_results_async").results.get_all_by_id(
            evaluation_id=self.id, timeout=timeout
        )
        return found

    def _client_of(self, method: str) -> Any:
        """Return the client for a method, or say why there is none."""
        if self._client is None:
            raise StratixError(
                f"{method}() needs a client, and this evaluation was not returned by one: fetch it with "
                "client.evaluations.get_by_id(evaluation.id)"
            )
        if self._client.is_async and not method.endswith("_async"):
            raise StratixError(
                f"{method}() is for evaluations of Stratix; this one came from an asynchronous client: "
                f"use `await evaluation.{method}_async()`"
            )
        if not self._client.is_async and method.endswith("_async"):
            raise StratixError(
                f"{method}() is for evaluations of AsyncStratix; this one came from a synchronous client: "
                f"use `evaluation.{method.removesuffix('_async')}()`"
            )
        return self._client

    def _take(self, latest: Self | None) -> Self | None:
        """Take over the fields of a later answer."""
        if latest is None:
            return None
        for name in type(self).model_fields:
            setattr(self, name, getattr(latest, name))
        return self

    def __getstate__(self) -> dict[Any, Any]:
        """Leave the client behind: its connections cannot be pickled."""
        return {**super().__getstate__(), "__pydantic_private__": {"_client": None}}

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Copy the fields deeply and share the client."""
        bare = self.model_copy()
        bare._client = None
        copied = super(BoundEvaluation, bare).__deepcopy__(memo)
        copied._client = self._client
        return copied
