"""From what an endpoint answered to what a result says about it."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from stratix.benchmarks.base import Prompt
from stratix.providers.base import Completion, ProviderError
from stratix.runner.job import Job
from stratix.runner.outcome import judge
from stratix.scorers.base import Target


class Scoring:
    """Judges answers; one a process, with the threads for scorers that take their time."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="scorer")

    async def result(self, job: Job, prompt: Prompt, answer: Completion | ProviderError) -> dict[str, Any]:
        """Return the columns of the table `results` that say what came of an answer.

        Args:
            job: the evaluation.
            prompt: what was asked.
            answer: what came of it, after the last attempt.
        """
        return await self._scored(job, prompt, answer) if isinstance(answer, Completion) else _failed(answer)

    async def _scored(self, job: Job, prompt: Prompt, answer: Completion) -> dict[str, Any]:
        scorer = job.scorer(prompt.subset)
        target = Target(prompt.truth, prompt.aliases, prompt.choices, prompt.metadata)
        if scorer.blocking:
            loop = asyncio.get_running_loop()
            outcome, score = await loop.run_in_executor(self._threads, judge, answer, scorer, target)
        else:
            outcome, score = judge(answer, scorer, target)
        return {
            "outcome": outcome,
            "score": score.value,
            "answer": answer.text,
            "extracted": score.extracted,
            "explanation": score.explanation,
            "error": None,
            "finish_reason": answer.finish_reason,
            "tokens_input": answer.tokens_input,
            "tokens_output": answer.tokens_output,
            "tokens_reasoning": answer.tokens_reasoning,
            "metrics": {},
        }

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)


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
        "metrics": {},
    }
