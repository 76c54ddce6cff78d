"""One evaluation as this process runs it: what its slices share."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from stratix import evaluations as lifecycle
from stratix import scorers
from stratix.benchmarks.base import Task
from stratix.providers.base import ProviderError
from stratix.runner.budget import Budget
from stratix.runner.endpoints import Model
from stratix.runner.limits import Line
from stratix.scorers import JudgedScorer, Scorer
from stratix.storage import budgets, evaluations
from stratix.storage.database import Connection, Record


@dataclass(slots=True, eq=False)
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
        askers: the tasks that work on its prompts.
        measuring: held by the slice that measures its answers.
        line: where its prompts wait for the model.
        judge_line: where its answers wait for the judge; None where there is none.
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
    askers: set[asyncio.Task[None]] = field(default_factory=set)
    measuring: asyncio.Lock = field(default_factory=asyncio.Lock)
    line: Line = field(init=False)
    judge_line: Line | None = field(init=False)
    _scorers: dict[str, Scorer | JudgedScorer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.line = self._line(self.model)
        # One of its own: judging must not take the places of prompts.
        self.judge_line = self._line(self.judge) if self.judge else None

    def _line(self, model: Model) -> Line:
        return model.limiter.line(self.evaluation.priority, self.evaluation.concurrency, model.rate)

    @property
    def denied(self) -> ProviderError | None:
        """What the endpoint of model or judge said that refuses their key; None while it does not."""
        return self.line.denied or (self.judge_line and self.judge_line.denied) or None

    def scorer(self, subset: str) -> Scorer | JudgedScorer:
        """Return the scorer of a subset, made once."""
        found = self._scorers.get(subset)
        if found is None:
            spec = self.task.scorer_of(subset, judged=self.judge is not None)
            found = self._scorers[subset] = scorers.make(spec.name, **spec.options)
        return found

    @property
    def id(self) -> str:
        """The evaluation's id."""
        return str(self.evaluation.id)

    @property
    def project_id(self) -> str:
        """Whose evaluation it is."""
        return str(self.evaluation.project_id)

    @property
    def owners(self) -> Sequence[str]:
        """Whose caps it is under."""
        return budgets.owners_of(self.evaluation)

    async def stop_at(self, connection: Connection, owner_id: str, reason: str) -> None:
        """Pause the evaluation at a cap, if it still is where this process believes it to be.

        Args:
            connection: in a write transaction.
            owner_id: whose cap it is; raising that lets the evaluation go on.
            reason: for a person.
        """
        row = await evaluations.get(connection, self.evaluation.id)
        if row is None or row.generation != self.evaluation.generation or row.status != "in-progress":
            return
        if await lifecycle.pause(connection, row, reason):
            values = {"budget_stop": f"{owner_id}:{row.generation + 1}"}  # A pause raises it.
            await evaluations.move(connection, row.id, expected=("paused",), values=values)

    def leave(self, *, drop: bool) -> None:
        """Send nothing more; with `drop`, give up what is in flight too."""
        self.wanted = False
        self.line.close()
        if drop:
            for asker in self.askers:
                asker.cancel()
