"""Gather what the summary of an evaluation is made from, out of the database and the catalogue."""

from __future__ import annotations

import inspect
import zlib
from dataclasses import dataclass
from typing import Any

from stratix import catalogue, scorers
from stratix.analysis.summary import kinds
from stratix.analysis.summary.facts import About, Asked, Facts, Named, Text
from stratix.benchmarks.base import Task
from stratix.evaluations.question import question
from stratix.storage import benchmarks, custom, evaluations, results, summaries
from stratix.storage.database import Connection, Database, Record

READ_IN_FULL = 20_000
"""Answers whose texts are read; of more it is a seeded sample of the prompts."""

_PAGE = 1000
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class _Result:
    outcome: str
    score: float
    length: int
    duration_ms: float


async def gather(database: Database, evaluation_id: str) -> Facts:
    """Return everything about a finished evaluation, read page by page.

    Raises:
        LookupError: the evaluation has been deleted.
    """
    async with database.read() as connection:
        row = await evaluations.get(connection, evaluation_id)
        if row is None or row.version_id is None:
            raise LookupError(f"there is no evaluation {evaluation_id} with results")
        version = await benchmarks.get_version(connection, row.version_id)
        facts = Facts(await _about(connection, row, version), _figures(row), row.id)
        facts.errors = await results.commonest_errors(connection, row.id)
        task = Task.model_validate(version.task)
        sample, after = _sample(row), (-1, -1)
        while page := await summaries.answers(connection, row, after, _PAGE, sample):
            for answer, prompt in page:
                text = question(prompt.input, prompt.choices)
                asked = Asked(prompt.subset, len(text), _kind(task, row, prompt), len(prompt.truth))
                result = _Result(answer.outcome, answer.score, answer.length, answer.duration_ms)
                read = None if answer.answer is None else _text(answer, prompt, text)
                facts.add(answer.position, asked, result, read)
            after = (page[-1][0].epoch, page[-1][0].position)
    return facts


async def _about(connection: Connection, row: Record, version: Record) -> About:
    task = Task.model_validate(version.task).with_shots(row.shots)
    entry = None if row.is_custom_benchmark else catalogue.public_benchmark(row.benchmark_id)
    description = entry.full_description if entry else ""
    if row.is_custom_benchmark:
        made = await custom.get_benchmark(connection, row.project_id, row.benchmark_id)
        description = made.description if made else ""
    settings = row.settings or {}
    specs = task.scorers(judged=row.judge_model_id is not None)
    measured = settings.get("metrics", {})
    return About(
        model=row.model_name or row.model_key,
        benchmark=row.benchmark_name,
        description=description,
        categories=entry.categories if entry else (),
        characteristics=entry.characteristics if entry else (),
        metric=entry.metric if entry else "accuracy",
        scorers=[_scorer(name) for name in dict.fromkeys(spec.name for spec in specs)],
        measured=[Named(name, found.get("how", "")) for name, found in measured.items()],
        size=version.prompt_count,
        subsets=len(version.subsets),
        worked_examples=sum(len(task.examples_of(subset)) for subset in task.examples),
        epochs=row.epochs,
        reducer=row.epochs_reducer,
        max_tokens=task.generation.max_tokens,
        status=row.status,
        total=row.total or row.done,
        threshold=row.invalid_threshold,
        language=entry.language if entry else "",
        judge=row.judge_model_key or "",
    )


def _kind(task: Task, row: Record, prompt: Record) -> str:
    judged = row.judge_model_id is not None
    if task.scorer_of(prompt.subset, judged=judged).name == "code":
        return "code"  # Its truth is a piece of one, which may look like anything.
    return kinds.kind(prompt.truth, prompt.choices)


def _scorer(name: str) -> Named:
    try:
        described = inspect.getdoc(scorers.load(name)) or ""
    except (ValueError, ImportError):  # A plugin that is gone.
        described = ""
    return Named(name, described.partition("\n")[0])


def _figures(row: Record) -> dict[str, Any]:
    figures = dict(row.aggregates or {})
    return {**figures, "accuracy": row.accuracy, "outcomes": row.outcomes}


def _sample(row: Record) -> tuple[int, int]:
    """Return every how many-th prompt is read, and from which one on: the same for the same evaluation."""
    step = -(-row.done // READ_IN_FULL)
    return step, zlib.crc32(row.id.encode()) % step


def _text(answer: Record, prompt: Record, question: str) -> Text:
    return Text(
        position=answer.position,
        epoch=answer.epoch,
        prompt=question[:_LONGEST],
        truth=prompt.truth[:_LONGEST],
        answer=answer.answer,
        extracted=answer.extracted,
        outcome=answer.outcome,
        explanation=answer.error or answer.explanation or "",
        subset=prompt.subset,
    )
