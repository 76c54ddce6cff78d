"""From what an endpoint answered to what a result says about it."""

from __future__ import annotations

import asyncio
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from stratix import metrics
from stratix.benchmarks.base import Prompt
from stratix.providers.base import Completion, ProviderError
from stratix.providers.parsing import clean
from stratix.runner.calls import Patience
from stratix.runner.endpoints import Model
from stratix.runner.job import Job
from stratix.runner.judging import Through, judge_of, question
from stratix.runner.outcome import grade, judge
from stratix.scorers import Judge, JudgedScorer, JudgeError, Score, Target
from stratix.scorers.rubric import Rubric

log = logging.getLogger(__name__)

_LONGEST_GRADE = 64
# Characters; a scorer that takes its time for longer ones would hold up whatever else this process does.
_LONG = 20_000


class Scoring:
    """Judges answers; one a process, with the threads for scorers that take their time.

    Args:
        patience: when to give up on a judge's reply.
    """

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="scorer")
        # Two threads that compute in Python only wait for each other, and take a tenth longer for it.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="computing-scorer")

    async def result(
        self,
        job: Job,
        prompt: Prompt,
        answer: Completion | ProviderError,
        judge: Model | None,
        *,
        cached: bool = False,
        through: Through | None = None,
    ) -> dict[str, Any]:
        """Return the columns of the table `results` that say what came of an answer.

        Args:
            job: the evaluation.
            prompt: what was asked.
            answer: what came of it, after the last attempt.
            judge: the model that grades it, where one was chosen.
            cached: True if the answer was there already, and cost nothing.
            through: where a judge's replies may come from instead of the judge.
        """
        asked = judge_of(judge, job.judge_line, self._patience, through) if judge and job.judge_line else None
        if isinstance(answer, ProviderError):
            return {**_failed(answer), "metrics": {}, **_spent(_cost(job, 0, 0), asked)}
        target = Target(prompt.truth, prompt.aliases, prompt.choices, prompt.metadata)
        outcome, score = await self._scored(job, prompt, answer, target, asked)
        # A scorer that reads JSON in an answer can bring out what no database can store.
        explanation = clean(score.explanation)
        measured = await _measured(job, prompt, answer, target, asked) if asked else {}
        return {
            "outcome": outcome,
            "score": score.value,
            "answer": answer.text,
            "extracted": score.extracted and clean(score.extracted),
            "explanation": explanation,
            "error": explanation if outcome == "scorer_error" else None,
            "finish_reason": answer.finish_reason,
            "tokens_input": answer.tokens_input,
            "tokens_output": answer.tokens_output,
            "tokens_reasoning": answer.tokens_reasoning,
            "grade": score.grade and score.grade[:_LONGEST_GRADE],
            "metrics": measured,
            **_spent(0.0 if cached else _cost(job, answer.tokens_input, answer.tokens_output), asked),
        }

    async def _scored(
        self, job: Job, prompt: Prompt, answer: Completion, target: Target, asked: Judge | None
    ) -> tuple[str, Score]:
        scorer = job.scorer(prompt.subset)
        if isinstance(scorer, JudgedScorer):
            assert asked is not None  # An evaluation that needs a judge does not start without.
            return await grade(answer, scorer, question(prompt), target, asked)
        if scorer.blocking or len(answer.text) > _LONG:
            loop = asyncio.get_running_loop()
            threads = self._threads if scorer.parallel else self._thread
            return await loop.run_in_executor(threads, judge, answer, scorer, target)
        return judge(answer, scorer, target)

    def close(self) -> None:
        """Let the threads go."""
        for threads in (self._threads, self._thread):
            threads.shutdown(wait=False, cancel_futures=True)


async def _measured(
    job: Job, prompt: Prompt, answer: Completion, target: Target, asked: Judge
) -> dict[str, float | None]:
    """Have the judge measure what the evaluation wants measured; None where it gives no grade."""
    wanted = [found for name, found in metrics.rubric_metrics().items() if name in job.evaluation.metrics]
    values: dict[str, float | None] = {}
    for metric in wanted:
        values[metric.name] = None
        if not answer.text.strip():
            continue
        options = metric.model_dump(include={"rubric", "lowest", "highest", "reference"})
        try:
            score = await Rubric(**options).score(answer.text, question(prompt), target, asked)
        except JudgeError as error:
            log.warning("%s of an answer of %s is not measured: %s", metric.name, job.evaluation.id, error)
        else:
            values[metric.name] = score.value
    return values


def _cost(job: Job, tokens_input: int | None, tokens_output: int | None) -> float | None:
    return job.model.price.of(tokens_input, tokens_output) if job.model.price else None


def _spent(cost: float | None, asked: Judge | None) -> dict[str, Any]:
    if asked is None:
        return {
            "cost": cost,
            "judge_cost": None,
            "judge_tokens_input": None,
            "judge_tokens_output": None,
            "judge_replies": None,
        }
    return {
        "cost": None if cost is None or asked.cost is None else cost + asked.cost,
        "judge_cost": asked.cost,
        "judge_tokens_input": asked.tokens_input,
        "judge_tokens_output": asked.tokens_output,
        "judge_replies": [reply.text for reply in asked.replies],
    }


def _failed(error: ProviderError) -> dict[str, Any]:
    return {
        "outcome": "failed",
        "score": 0.0,
        "answer": "",
        "extracted": None,
        "explanation": "",
        "error": error.message,
        "finish_reason": None,
        "tokens_input": None,
        "tokens_output": None,
        "tokens_reasoning": None,
        "grade": None,
    }
