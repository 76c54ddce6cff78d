"""Trying models: a few short requests that show what an endpoint really does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

from layerlens import _aio
from layerlens._async.resources._base import AsyncResource, id_of
from layerlens._config import as_timeout
from layerlens._protocol import Call, body_of
from layerlens.models import DataEnvelope, Model, ModelTry, ModelTryCreate

_PAUSE_SECONDS = 0.3


class AsyncTrying(AsyncResource):
    """The methods that try a model."""

    async def try_out(
        self,
        model: Model | str,
        *,
        prompt: str | None = None,
        timeout_seconds: float | None = 300.0,
        on_progress: Callable[[ModelTry], Any] | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> ModelTry | None:
        """Have a worker send a model a few short requests, and wait for what they show.

        These are up to six, of 256 tokens and less each; they come under no budget.

        Args:
            model: the model, public or custom, or its id.
            prompt: what it is asked first, 1 to 4000 characters; None asks for a greeting.
            timeout_seconds: longest wait; None waits as long as it takes.
            on_progress: called with each state.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            The try, ended or as it stood when the time was up; None if it does not exist any more.

        Raises:
            ValueError: an argument breaks a rule.
            NotFoundError: there is no such model.
            ConflictError: the model is being tried at this moment.
            UnprocessableEntityError: its provider has no key; the message says which variable to set.
            APIError: the server could not be asked.
        """
        deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        found: ModelTry | None = await self.start_try(model, prompt=prompt, timeout=timeout)
        while found is not None:
            await _aio.notify(on_progress, found)
            if found.is_over or (deadline is not None and time.monotonic() >= deadline):
                break
            await _aio.sleep(_PAUSE_SECONDS)
            found = await self.get_try(found, timeout=timeout)
        return found

    async def start_try(
        self, model: Model | str, *, prompt: str | None = None, timeout: float | httpx.Timeout | None = None
    ) -> ModelTry:
        """Have a worker send a model a few short requests, without waiting for them.

        Args:
            model: the model, public or custom, or its id.
            prompt: what it is asked first, 1 to 4000 characters; None asks for a greeting.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The try as it stands; `get_try` tells what it has shown since.

        Raises:
            ValueError: an argument breaks a rule.
            NotFoundError: there is no such model.
            ConflictError: the model is being tried at this moment.
            UnprocessableEntityError: its provider has no key; the message says which variable to set.
            APIError: the server could not be asked.
        """
        body = body_of(ModelTryCreate, prompt=prompt)
        path = await self._session.project_path("models", id_of(model), "tries")
        call = Call("POST", path, DataEnvelope[ModelTry], body=body, timeout=as_timeout(timeout))
        return await self._session.data(call)

    async def get_try(
        self, tried: ModelTry, *, timeout: float | httpx.Timeout | None = None
    ) -> ModelTry | None:
        """Fetch a try of the last 24 hours with what it has shown so far.

        Args:
            tried: the try, as last seen.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The try; None if it does not exist any more, or belongs to someone else.

        Raises:
            APIError: the server could not be asked.
        """
        path = await self._session.project_path("models", tried.model_id, "tries", tried.id)
        return await self._session.data_or_none(
            Call("GET", path, DataEnvelope[ModelTry], timeout=as_timeout(timeout))
        )
