"""One evaluation as this process runs it: what its slices share."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stratix import scorers
from stratix.benchmarks.base import Task
from stratix.runner.endpoints import Model
from stratix.scorers import JudgedScorer, Scorer
from stratix.storage.database import Record

if TYPE_CHECKING:  # It knows jobs in turn.
    from stratix.runner.budget import Budget


@dataclass(slots=True)
class Job:
    """The evaluation, its model, and the requests in flight.

    Attributes:
        evaluation: the row as it was when this process took it up; generation, epochs and version
            do not change while it runs.
        version: the row of the benchmark's version.
        task: how the benchmark is run.
        model: connection, limiter and settings.
        judge: those of the model that grades the answers; None where none was chosen.
        budget: what may be spent on it; None while it is under no cap.
        slices: slices of it that this process is working on.
        wanted: False once the evaluation has moved on; nothing more is sent then.
        watch: the task that notices when it moves on.
        requests: tasks of the prompts being worked on.
        measuring: held by the slice that measures its answers.
    """

    evaluation: Record
    version: Record
    task: Task
    model: Model
    judge: Model | None = None
    budget: Budget | None = None
    slices: int = 0
    wanted: bool = True
    watch: asyncio.Task[None] | None = None
    requests: set[asyncio.Task[None]] = field(default_factory=set)
    measuring: asyncio.Lock = field(default_factory=asyncio.Lock)
    own_limit: AbstractAsyncContextManager[Any] = field(init=False)
    judge_limit: AbstractAsyncContextManager[Any] = field(init=False)
    _scorers: dict[str, Scorer | JudgedScorer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        limit = self.evaluation.concurrency
        self.own_limit = asyncio.Semaphore(limit) if limit else contextlib.nullcontext()
        # One of its own: judging must not take the places of prompts.
        self.judge_limit = asyncio.Semaphore(limit) if limit else contextlib.nullcontext()

    def scorer(self, subset: str) -> Scorer | JudgedScorer:
        """Return the scorer of a subset, made once."""
        found = self._scorers.get(subset)
        if found is None:
            spec = self.task.scorer_of(subset, judged=self.judge is not None)
            found = self._scorers[subset] = scorers.make(spec.name, **spec.options)
        return found

    def leave(self, *, drop: bool) -> None:
        """Send nothing more; with `drop`, give up what is in flight too."""
        self.wanted = False
        if drop:
            for request in self.requests:
                request.cancel()
