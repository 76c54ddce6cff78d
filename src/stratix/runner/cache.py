"""Take answers that were given before instead of asking again, where an evaluation wants that."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import orjson

from stratix.providers.base import Completion, ProviderError
from stratix.runner.calls import Unwanted
from stratix.storage import cache as stored
from stratix.storage.database import Database, is_unavailable

log = logging.getLogger(__name__)

# What comes together goes together: one query for all that ask within this time.
_GATHER_SECONDS = 0.01
_STORE_SECONDS = 0.2
_LOOK_AGAIN_SECONDS = 0.25
_RENEW_SECONDS = stored.CLAIM_SECONDS / 3
_PATIENCE = 0.5

_KEPT = [field.name for field in fields(Completion) if field.name != "exhausted_for"]

Asked = tuple[Completion | ProviderError, int]
Name = tuple[str, str]
"""A project and a key; no project ever sees another's answers."""


@dataclass(frozen=True, slots=True)
class Request:
    """What tells a request from others.

    Attributes:
        project_id: whose cache it may come from.
        model_id: the model, by which the cache can be cleared.
        endpoint: the provider and its address.
        model: what the endpoint calls the model.
        body: the whole request.
        epoch: which repetition of the prompt it is.
    """

    project_id: str
    model_id: str
    endpoint: str
    model: str
    body: Mapping[str, Any]
    epoch: int

    @property
    def name(self) -> Name:
        """Where its answer is kept: a change of anything but the project makes another key."""
        told = orjson.dumps([self.endpoint, self.model, self.epoch, self.body])
        return self.project_id, hashlib.sha256(told).hexdigest()


class ResponseCache:
    """The answers this process knows of or is asking for; one a process.

    Of the same requests at the same time one is made: in this process the others wait for its answer;
    among processes whoever claims the key in the database asks, and a claim ends with its process.
    Only answers are kept, no failures: after one, the next in line asks.

    Args:
        database: where answers are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._claimant = uuid.uuid4().hex
        self._asking: dict[Name, asyncio.Future[Completion | None]] = {}
        self._wanted: dict[Name, tuple[str, asyncio.Future[Completion | bool]]] = {}
        self._fresh: dict[Name, tuple[str, Completion]] = {}
        self._given_up: set[Name] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._looking, self._storing = asyncio.Event(), asyncio.Event()
        self._flushing = asyncio.Lock()

    async def ask(
        self, request: Request, call: Callable[[], Awaitable[Asked]], wanted: Callable[[], bool]
    ) -> tuple[Completion | ProviderError, int, bool]:
        """Return the answer to a request: one that was given before, or else what a call brings.

        Args:
            request: what is asked.
            call: asks the endpoint; returns what came of it and how often it was asked.
            wanted: asked whether the answer is still needed, after waiting for others.

        Returns:
            The answer, how often the endpoint was asked for it now, and whether it comes from the cache.

        Raises:
            Unwanted: `wanted` said no.
        """
        if not self._tasks:
            self._tasks = [asyncio.create_task(work()) for work in (self._look, self._store, self._renew)]
        name = request.name
        while (other := self._asking.get(name)) is not None:
            if (found := await asyncio.shield(other)) is not None:
                return found, 0, True
            if not wanted():
                raise Unwanted
        mine = self._asking[name] = asyncio.get_running_loop().create_future()
        answer: Completion | None = None
        claimed = False
        try:
            known = await self._known(name, request.model_id, wanted)
            if known is not None:
                answer = known
                return known, 0, True
            claimed = True
            outcome, attempts = await call()
            if isinstance(outcome, Completion):
                answer, claimed = outcome, False
                # It stays known here until the database knows it.
                self._fresh[name] = request.model_id, outcome
                self._storing.set()
            return outcome, attempts, False
        finally:
            if claimed:
                self._give_up(name)
            if name not in self._fresh:
                del self._asking[name]
            mine.set_result(answer)

    async def ask_like(
        self, like: Request, body: Mapping[str, Any], call: Callable[[], Awaitable[Asked]]
    ) -> tuple[Completion | ProviderError, int, bool]:
        """Do the same for another body; the answer is wanted in any case."""
        return await self.ask(replace(like, body=body), call, lambda: True)

    async def _known(self, name: Name, model_id: str, wanted: Callable[[], bool]) -> Completion | None:
        """Return the answer that is there, or None once this process may ask."""
        while True:
            future: asyncio.Future[Completion | bool] = asyncio.get_running_loop().create_future()
            self._wanted[name] = model_id, future
            self._looking.set()
            try:
                found = await future
            except BaseException:
                if future.done() and not future.cancelled() and future.exception() is None:
                    self._give_up(name)  # It was claimed just as nobody wanted it any more.
                raise
            if isinstance(found, Completion):
                return found
            if found:
                return None
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)  # Another process is asking.
            if not wanted():
                raise Unwanted

    def _give_up(self, name: Name) -> None:
        self._given_up.add(name)
        self._storing.set()

    async def _look(self) -> None:
        """Look up what is asked for, in batches, and claim what is not there."""
        while True:
            await self._looking.wait()
            await asyncio.sleep(_GATHER_SECONDS)
            self._looking.clear()
            batch, self._wanted = self._wanted, {}
            by_project: dict[str, dict[str, str]] = defaultdict(dict)
            for (project_id, key), (model_id, _) in batch.items():
                by_project[project_id][key] = model_id
            try:
                for project_id, models in by_project.items():
                    found, claimed = await self._patiently(self._looked_up, project_id, models)
                    for key in models:
                        future = batch[project_id, key][1]
                        if not future.done():
                            future.set_result(found.get(key) or key in claimed)
                        elif key in claimed:
                            self._give_up((project_id, key))
            except Exception as error:
                for _, future in batch.values():
                    if not future.done():
                        future.set_exception(error)

    async def _looked_up(
        self, project_id: str, models: Mapping[str, str]
    ) -> tuple[dict[str, Completion], set[str]]:
        async with self._database.read() as connection:
            texts = await stored.find(connection, project_id, list(models))
        missing = {key: model_id for key, model_id in models.items() if key not in texts}
        claimed: set[str] = set()
        if missing:
            async with self._database.write() as connection:
                claimed = await stored.claim(connection, self._database, project_id, missing, self._claimant)
        return {key: Completion(**orjson.loads(text)) for key, text in texts.items()}, claimed

    async def _store(self) -> None:
        while True:
            await self._storing.wait()
            await asyncio.sleep(_STORE_SECONDS)
            try:
                await self.flush()
            except Exception:  # What is not kept is asked again some day.
                log.exception("answers could not be kept in the cache")

    async def flush(self) -> None:
        """Return once all that has been answered is kept."""
        async with self._flushing:
            await self._flush()

    async def _flush(self) -> None:
        """Keep what has been answered, and give up claims of what has not."""
        self._storing.clear()
        fresh, given_up = dict(self._fresh), self._given_up
        self._given_up = set()
        by_project: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
        for (project_id, key), (model_id, answer) in fresh.items():
            by_project[project_id][key] = model_id, _text(answer)
        try:
            if fresh or given_up:
                await self._patiently(self._kept, by_project, given_up)
        except Exception:
            self._given_up |= given_up | fresh.keys()
            raise
        finally:
            for name in fresh:
                del self._fresh[name]
                del self._asking[name]

    async def _kept(self, answers: Mapping[str, Mapping[str, tuple[str, str]]], given_up: set[Name]) -> None:
        async with self._database.write() as connection:
            for project_id, kept in answers.items():
                await stored.keep(connection, self._database, project_id, kept)
            for project_id in {project_id for project_id, _ in given_up}:
                keys = [key for owner, key in given_up if owner == project_id]
                await stored.release(connection, self._claimant, project_id, keys)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            if not self._asking:
                continue
            with contextlib.suppress(Exception):  # Next time; a claim outlives two that fail.
                async with self._database.write() as connection:
                    await stored.renew(connection, self._claimant)

    async def _patiently(self, work: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        """Do some work on the database, again until it is there."""
        while True:
            try:
                return await work(*arguments)
            except Exception as error:
                if not is_unavailable(error):
                    raise
                await asyncio.sleep(_PATIENCE)

    async def close(self) -> None:
        """Keep what has been answered, and give up every claim."""
        async with self._flushing:
            for task in self._tasks:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._tasks:
            await self._flush()
            async with self._database.write() as connection:
                await stored.release(connection, self._claimant)
            self._tasks = []


def _text(answer: Completion) -> str:
    found = asdict(answer)
    return orjson.dumps({name: found[name] for name in _KEPT}).decode()
