"""A session: settings, connections and the organisation, shared by all resources of a client."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from layerlens import _aio, _protocol
from layerlens._config import Config
from layerlens._errors import NotFoundError
from layerlens._events import EventReader
from layerlens._files import LocalFile
from layerlens._protocol import Call
from layerlens.models import DataEnvelope, Organization

Answer = TypeVar("Answer", bound=BaseModel)
Data = TypeVar("Data")


class AsyncAccount:
    """The organisation of an API key, fetched once."""

    def __init__(self) -> None:
        self.organization: Organization | None = None
        self.lock = _aio.Lock()


class AsyncSession:
    """Sends calls, and again where that may help."""

    def __init__(
        self, config: Config, pool: _aio.Pool | None = None, account: AsyncAccount | None = None
    ) -> None:
        self.config = config
        self.pool = pool or _aio.Pool()
        self._account = account or AsyncAccount()

    def with_config(self, config: Config) -> AsyncSession:
        """Return a session with other settings over the same connections.

        The organisation is kept unless the server or the key is another.
        """
        same = (config.base_url, config.api_key) == (self.config.base_url, self.config.api_key)
        return AsyncSession(config, self.pool, self._account if same else None)

    @property
    def known_organization(self) -> Organization | None:
        """The organisation, or None before it is fetched."""
        return self._account.organization

    async def organization(self) -> Organization:
        """Return the organisation of the API key, fetched on first use."""
        async with self._account.lock:
            if self._account.organization is None:
                self._account.organization = await self.data(
                    Call("GET", "/organizations", DataEnvelope[Organization])
                )
            return self._account.organization

    async def project_path(self, *parts: str) -> str:
        """Return a path below the project."""
        organization = await self.organization()
        return _protocol.path_of(
            "organizations", organization.id, "projects", organization.projects[0].id, *parts
        )

    async def send(self, call: Call[Answer]) -> Answer:
        """Make a call and return its answer.

        Raises:
            APIError: it did not succeed.
        """
        request = _protocol.build(self.config, call)
        return _protocol.read(await self._deliver(lambda: request), call.answer)

    async def send_or_none(self, call: Call[Answer]) -> Answer | None:
        """Make a call and return its answer, or None if the server says that there is no such thing.

        Raises:
            APIError: it did not succeed for another reason.
        """
        try:
            return await self.send(call)
        except NotFoundError as error:
            if _protocol.is_answer_of_api(error):
                return None
            raise

    async def data(self, call: Call[DataEnvelope[Data]]) -> Data:
        """Make a call and return what its answer wraps.

        Raises:
            APIError: it did not succeed.
        """
        return (await self.send(call)).data

    async def data_or_none(self, call: Call[DataEnvelope[Data]]) -> Data | None:
        """Make a call and return what its answer wraps; None if the server says that there is no such thing.

        Raises:
            APIError: it did not succeed for another reason.
        """
        answer = await self.send_or_none(call)
        return None if answer is None else answer.data

    async def events(self, call: Call[Answer]) -> AsyncGenerator[tuple[str, Answer]]:
        """Make a call that is answered by a stream of events, and yield their names and data as they come.

        Whatever is wrong with it ends it: what matters is asked for by a call that is tried again.
        """
        client = await self.pool.client()
        reader = EventReader()
        try:
            response = await client.send(_protocol.build_stream(self.config, call), stream=True)
            try:
                if not _protocol.is_stream(response):
                    return
                async for chunk in response.aiter_bytes():
                    for event in reader.feed(chunk):
                        yield event.name, call.answer.model_validate_json(event.data)
            finally:
                await response.aclose()
        except (httpx.HTTPError, ValidationError):
            return

    async def put(self, url: str, file: LocalFile) -> None:
        """Send a file to a signed address, without the API key.

        Raises:
            APIError: it did not succeed.
        """
        target = _protocol.upload_url(self.config, url)
        headers = {"content-type": file.media_type, "content-length": str(file.size)}
        extensions = {"timeout": self.config.timeout.as_dict()}
        times = 0

        def make_request() -> httpx.Request:
            nonlocal times
            times += 1
            content = _aio.chunks(file.path)
            return httpx.Request("PUT", target, headers=headers, content=content, extensions=extensions)

        response = await self._deliver(make_request)
        if response.status_code == httpx.codes.CONFLICT and times > 1:
            # The address is used up: the file had arrived, and only the answer was lost.
            return
        _protocol.raise_for_status(response)

    async def _deliver(self, make_request: Callable[[], httpx.Request]) -> httpx.Response:
        """Send a request until it is answered or trying again is of no use."""
        client = await self.pool.client()
        attempt = 0
        while True:
            outcome: httpx.Response | httpx.RequestError
            try:
                outcome = await client.send(make_request())
            except httpx.RequestError as error:
                outcome = error
            delay = _protocol.retry_delay(self.config, attempt, outcome)
            if delay is None:
                if isinstance(outcome, httpx.Response):
                    return outcome
                raise _protocol.connection_error(outcome) from outcome
            await _aio.sleep(delay)
            attempt += 1
