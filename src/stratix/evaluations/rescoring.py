"""Score the stored answers of evaluations again, by other scorers, newer versions, or another judge."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from stratix import scorers
from stratix.benchmarks import store
from stratix.benchmarks.base import Prompt
from stratix.evaluations.totalling import total_up_scored
from stratix.logs import about
from stratix.providers.parsing import clean
from stratix.runner.calls import Patience
from stratix.runner.endpoints import CannotRun, Endpoints, Model
from stratix.runner.intake import LastingIntake, patiently
from stratix.runner.judging import judge_of, question
from stratix.scorers import Judge, JudgedScorer, JudgeError
from stratix.scorers.base import Score, Scorer, Target
from stratix.storage import benchmarks, evaluations, scorings
from stratix.storage.database import Database, Record

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.5
_AT_ONCE = 2
# Rows a transaction: few where an answer may take seconds, so that others see it goes on.
_QUICK_PAGE, _SLOW_PAGE = 500, 20
# Few where a judge is paid for each: what a crash loses of a page is asked again.
_JUDGED_PAGE = 32
_LONGEST_GRADE = 64


class Rescorer:
    """Takes up scorings that wait; one in each worker.

    Verdicts are stored page by page, so a scoring that another worker takes over, or this one after a
    restart, goes on where it stopped. Only the transaction that ends it makes its figures.

    Args:
        database: where everything is.
        worker: a name unique among the workers alive, the same after a restart.
        endpoints: of this process, where judges are asked.
        patience: when to give up on a judge's reply.
    """

    def __init__(
        self, database: Database, worker: str, endpoints: Endpoints, patience: Patience | None = None
    ) -> None:
        self._database = database
        self._endpoints = endpoints
        self._patience = patience or Patience()
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="rescorer")
        self._intake = LastingIntake(
            database, worker, scorings, self._run, at_once=_AT_ONCE, seconds=_POLL_SECONDS
        )

    async def start(self) -> None:
        """Begin to take work, first of all what this worker left behind when it died."""
        await self._intake.start()

    async def stop(self) -> None:
        """Take no more work, and give back what is not finished."""
        await self._intake.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, scoring: Record) -> None:
        with about(evaluation=scoring.evaluation_id, scoring=scoring.id):
            try:
                await patiently(lambda: self._score(scoring))
            except Exception as error:
                log.exception("scoring %s broke", scoring.id)
                await self._fail(scoring, f"Internal error: {type(error).__name__}: {error}")

    async def _fail(self, scoring: Record, reason: str) -> None:
        with contextlib.suppress(Exception):  # If it cannot be stored, the lease ends and it is tried again.
            async with self._database.write() as connection:
                await scorings.finish(connection, scoring, status="failure", status_description=reason)

    async def _score(self, scoring: Record) -> None:
        async with self._database.read() as connection:
            evaluation = await evaluations.get(connection, scoring.evaluation_id)
            if evaluation is None:
                return
            version = await benchmarks.get_version(connection, evaluation.version_id)
        try:
            judges = await asyncio.to_thread(_Judges, scoring)  # A scorer may be slow to import.
            model = await self._endpoints.judge(scoring, evaluation.project_id)
        except (ValueError, CannotRun) as error:
            await self._fail(scoring, str(error))
            return
        async with self._database.write() as connection:
            if not await scorings.begin(connection, scoring, judges.versions):
                return
            place = await scorings.last_place(connection, scoring)
        asked = self._asked(model, evaluation) if model else None
        page = _JUDGED_PAGE if asked else _SLOW_PAGE if judges.blocking else _QUICK_PAGE
        while True:
            async with self._database.read() as connection:
                rows = await scorings.unscored(connection, scoring, version.id, place, page)
            if not rows:
                break
            verdicts = await self._judge(judges, rows, asked)
            async with self._database.write() as connection:
                if not await scorings.add(connection, scoring, verdicts):
                    return
            place = rows[-1][0].epoch, rows[-1][0].position
        await self._finish(scoring, evaluation)

    def _asked(self, model: Model, evaluation: Record) -> Callable[[], Judge]:
        """Return what makes a judge for one answer, which waits in line with the evaluation's others."""
        line = model.limiter.line(evaluation.priority, evaluation.concurrency, model.rate)
        return lambda: judge_of(model, line, self._patience)

    async def _judge(
        self,
        judges: _Judges,
        rows: Sequence[tuple[Record, Record]],
        asked: Callable[[], Judge] | None,
    ) -> list[dict[str, Any]]:
        """Judge a page of answers off the loop, side by side where a scorer takes its time."""
        if asked is not None:
            return list(await asyncio.gather(*(judges.graded(*row, asked()) for row in rows)))
        loop = asyncio.get_running_loop()
        if not judges.blocking:
            return await loop.run_in_executor(self._threads, lambda: [judges.verdict(*row) for row in rows])
        pending = [loop.run_in_executor(self._threads, judges.verdict, *row) for row in rows]
        return list(await asyncio.gather(*pending))

    async def _finish(self, scoring: Record, evaluation: Record) -> None:
        async with self._database.write() as connection:
            found = await total_up_scored(connection, evaluation, scoring.id)
            transitions = await scorings.transitions(connection, scoring)
            await scorings.finish(
                connection,
                scoring,
                status="success",
                accuracy=found.accuracy,
                outcomes=found.outcomes,
                aggregates=found.aggregates(),
                transitions=transitions,
                changed=sum(sum(counts.values()) for counts in transitions.values()),
            )


class _Judges:
    """The scorers of one scoring, made once.

    Args:
        scoring: names and options.

    Raises:
        ValueError: there is no such scorer any more, or it does not take these options.
    """

    def __init__(self, scoring: Record) -> None:
        self._scorer = _make(scoring.scorer)
        self._of_subset = {subset: _make(spec) for subset, spec in scoring.subset_scorers.items()}
        made = [self._scorer, *self._of_subset.values()]
        self.versions = {scorer.name: scorer.version for scorer in made}
        self.blocking = any(isinstance(scorer, Scorer) and scorer.blocking for scorer in made)

    def verdict(self, answer: Record, asked: Record) -> dict[str, Any]:
        """Judge one answer to a prompt; what a scorer raises is the outcome `scorer_error`."""
        prompt = store.prompt_of(asked)
        scorer = self._scorer_of(prompt)
        assert isinstance(scorer, Scorer)  # Else a judge was chosen.
        try:
            score = scorer.score(answer.answer, _target(prompt))
        except Exception as error:
            return _row(answer, error, None)
        return _row(answer, score, None)

    async def graded(self, answer: Record, asked: Record, judge: Judge) -> dict[str, Any]:
        """Judge one answer to a prompt, by the judge where its scorer has one do so."""
        prompt = store.prompt_of(asked)
        scorer = self._scorer_of(prompt)
        if not isinstance(scorer, JudgedScorer):
            return {**await asyncio.to_thread(self.verdict, answer, asked), **_spent(judge)}
        try:
            score = await scorer.score(answer.answer, question(prompt), _target(prompt), judge)
        except Exception as error:
            return _row(answer, error, judge)
        return _row(answer, score, judge)

    def _scorer_of(self, prompt: Prompt) -> Scorer | JudgedScorer:
        return self._of_subset.get(prompt.subset, self._scorer)


def _make(spec: dict[str, Any]) -> Scorer | JudgedScorer:
    return scorers.make(spec["name"], **spec["options"])


def _target(prompt: Prompt) -> Target:
    return Target(prompt.truth, prompt.aliases, prompt.choices, prompt.metadata)


def _row(answer: Record, found: Score | Exception, judge: Judge | None) -> dict[str, Any]:
    """Return the columns of a verdict; what a scorer raised is the outcome `scorer_error`."""
    if isinstance(found, Exception):
        said = str(found) if isinstance(found, JudgeError) else f"{type(found).__name__}: {found}"
        outcome, score = "scorer_error", Score.unparsed(said)
    else:
        outcome, score = str(found.verdict), found
    return {
        "epoch": answer.epoch,
        "position": answer.position,
        "outcome": outcome,
        "score": score.value,
        # What a scorer brings out of an answer may hold what no database can store.
        "extracted": None if score.extracted is None else clean(score.extracted),
        "explanation": clean(score.explanation),
        "grade": score.grade and score.grade[:_LONGEST_GRADE],
        **_spent(judge),
    }


def _spent(judge: Judge | None) -> dict[str, Any]:
    return {
        "judge_tokens_input": judge and judge.tokens_input,
        "judge_tokens_output": judge and judge.tokens_output,
        "judge_cost": judge and judge.cost,
        "judge_replies": judge and [reply.text for reply in judge.replies],
    }
