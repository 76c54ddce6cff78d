"""Try models: a few short requests that show what an endpoint answers and what is odd about it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

from layerlens.models import TryCall, TryReport
from stratix import catalogue
from stratix.benchmarks.base import Generation
from stratix.providers.base import Completion
from stratix.providers.parsing import clean
from stratix.runner.calls import Patience, ask
from stratix.runner.endpoints import CannotRun, Endpoints, Model
from stratix.runner.intake import Intake
from stratix.runner.quirks import quirks_of
from stratix.runner.request import compose
from stratix.storage import tries
from stratix.storage.database import Database, Record

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.3
_AT_ONCE = 4
_CALL_SECONDS, _SECONDS = 60.0, 150.0
# Somebody sits and waits.
_PRIORITY = -100
_SHOWN_TEXT, _SHOWN_RAW = 8_000, 4_000

_SHORT = 16
_WORD = "Name one animal. Answer with that word alone."
_LONG = "Count from 1 to 200 in digits, separated by commas. Write nothing else."
_SYSTEM = "Whatever you are asked, answer with the word banana alone."

_PLAN: tuple[tuple[str, str, str, Generation], ...] = (
    ("answer", "", "", Generation(max_tokens=256, temperature=0.0)),
    ("token limit", "", _LONG, Generation(max_tokens=_SHORT, temperature=0.0)),
    ("system message", _SYSTEM, "What is the capital of France?", Generation(max_tokens=64, temperature=0.0)),
    ("temperature 0", "", _WORD, Generation(max_tokens=64, temperature=0.0)),
    ("temperature 0 again", "", _WORD, Generation(max_tokens=64, temperature=0.0)),
    ("temperature 2", "", _WORD, Generation(max_tokens=64, temperature=2.0)),
)
"""What each request is for, its system message, its prompt ("" for the user's), and how it is asked."""


class Tryer:
    """Takes up tries that wait; one in each worker.

    A try that its worker has left behind is not taken again, since its requests may have been paid.

    Args:
        database: where they are.
        worker: a name unique among the workers alive.
        endpoints: of this process.
    """

    def __init__(self, database: Database, worker: str, endpoints: Endpoints) -> None:
        self._database = database
        self._endpoints = endpoints
        self._intake = Intake(database, worker, tries, self._run, at_once=_AT_ONCE, seconds=_POLL_SECONDS)

    async def start(self) -> None:
        """Begin to take work."""
        await self._intake.start()

    async def stop(self) -> None:
        """Take no more work; what is under way ends as failed."""
        await self._intake.stop()

    async def _run(self, taken: Record) -> None:
        try:
            async with asyncio.timeout(_SECONDS):
                await self._try(taken)
        except asyncio.CancelledError:
            await self._end(taken, "The server stopped while it was tried: try again.")
            raise
        except TimeoutError:
            await self._end(taken, f"It took more than {_SECONDS:.0f} s in all.")
        except CannotRun as error:
            await self._end(taken, str(error))
        except Exception as error:
            log.exception("try %s broke", taken.id)
            await self._end(taken, f"Internal error: {type(error).__name__}.")

    async def _end(self, taken: Record, error: str) -> None:
        with contextlib.suppress(Exception):  # If it cannot be stored, the lease ends.
            await self._store(taken, status="failed", error=error)

    async def _store(self, taken: Record, **values: Any) -> None:
        async with self._database.write() as connection:
            await tries.store(connection, taken.id, **values)

    async def _try(self, taken: Record) -> None:
        model = await self._model(taken)
        report = TryReport(endpoint=model.provider.name)
        for name, system, prompt, generation in _PLAN:
            messages = [{"role": "system", "content": system}] if system else []
            messages.append({"role": "user", "content": prompt or taken.prompt})
            body = compose(model.settings, messages, generation)
            if not _tells(name, body, generation):
                continue
            call = await self._call(model, name, body)
            report.calls.append(call)
            await self._store(taken, report=report.model_dump())
            if name == "answer" and call.error:
                break
        report.quirks = quirks_of(report.calls)
        await self._store(taken, report=report.model_dump(), status="done")

    async def _model(self, taken: Record) -> Model:
        entry = catalogue.public_model(taken.model_id)
        if entry is not None:
            return await self._endpoints.public(taken.project_id, entry.id)
        return await self._endpoints.custom(taken.project_id, taken.model_id)

    async def _call(self, model: Model, name: str, body: dict[str, Any]) -> TryCall:
        line = model.limiter.line(_PRIORITY, None, model.rate)
        call = TryCall(name=name, request=body)
        try:
            async with asyncio.timeout(_CALL_SECONDS):
                patience = Patience(1, _CALL_SECONDS)
                answer, _ = await ask(model.provider, body, line, patience, lambda: True)
        except TimeoutError:
            call.error, call.duration_ms = f"No answer within {_CALL_SECONDS:.0f} s.", _CALL_SECONDS * 1000
            return call
        finally:
            line.close()
        call.duration_ms, call.raw = answer.duration_ms, (answer.raw or "")[:_SHOWN_RAW]
        if not isinstance(answer, Completion):
            call.status, call.error = answer.status, clean(answer.message)
            return call
        call.status = 200
        call.text, call.reasoning = answer.text[:_SHOWN_TEXT], answer.reasoning[:_SHOWN_TEXT]
        call.finish_reason = answer.finish_reason
        call.tokens_input, call.tokens_output = answer.tokens_input, answer.tokens_output
        return call


def _tells(name: str, body: dict[str, Any], generation: Generation) -> bool:
    """Tell whether a request is what it is meant to be, in spite of the model's own settings."""
    if name == "token limit":  # Models that reason have room for that besides.
        limit = body.get("max_tokens")
        return isinstance(limit, int) and limit <= _SHORT
    return not name.startswith("temperature") or body.get("temperature") == generation.temperature
