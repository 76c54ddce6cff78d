"""Say what an evaluation would take before anybody is asked: tokens, money and time."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from layerlens.models import EvaluationEstimate
from stratix import metrics, scorers
from stratix.benchmarks import store
from stratix.benchmarks.base import Task
from stratix.benchmarks.template import render, request_fields
from stratix.benchmarks.tokens import (
    BYTES_A_TOKEN,
    VERDICT,
    VERDICTS_TRIED,
    likely_tokens,
    most_for_verdict,
    most_tokens,
)
from stratix.catalogue import BenchmarkEntry, CatalogueModel
from stratix.evaluations.timing import Answers, Speed, expected, is_of, speed
from stratix.storage import benchmarks, history
from stratix.storage.database import Connection, Record

OUTPUT_SHARE = 0.25
"""Part of the token limit that an answer is taken to need where none has been measured."""

_SAMPLE = 1000
_UNKNOWN_PROMPT = 250.0
_UNKNOWN_PROMPT_MOST = 4000
_RUBRIC_TOKENS, _VERDICT_TOKENS = 500.0, 200.0

AnyModel = CatalogueModel | Record
AnyBenchmark = BenchmarkEntry | Record


@dataclass(frozen=True, slots=True)
class Prompts:
    """What the prompts of a benchmark come to, by themselves.

    Attributes:
        count: how many would be asked.
        task: how they are put.
        likely: tokens of one on the average, by its bytes.
        most: tokens of one at the most, on the average.
        shown: bytes of one with its truth, on the average, as a judge is shown them.
        approximate: True if they are not installed.
        sampled: how many were looked at.
    """

    count: int
    task: Task
    likely: float
    most: float
    shown: float
    approximate: bool = False
    sampled: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What would be asked.

    Attributes:
        model: whose answers are wanted.
        benchmark: on what.
        judge: the model that grades them; None for none.
        limit: most prompts.
        epochs: how often each.
        shots: worked examples before each; None for the benchmark's own number.
        concurrency: at a time.
        usual_concurrency: at a time, where an evaluation names none.
        metrics: what is measured besides.
        requests_per_minute: most requests the model's endpoint is sent a minute; None for no limit.
        tokens_per_minute: most tokens, read and written, likewise.
    """

    model: AnyModel
    benchmark: AnyBenchmark
    judge: AnyModel | None
    limit: int | None
    epochs: int
    shots: int | None
    concurrency: int
    usual_concurrency: int
    metrics: Collection[str]
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


async def look_at(
    connection: Connection, benchmark: AnyBenchmark, limit: int | None, shots: int | None
) -> Prompts:
    """Measure the prompts of a benchmark, all of them up to a thousand, else so many evenly spread."""
    version = await benchmarks.latest_version(connection, benchmark.id)
    if version is None:
        count = min(benchmark.prompt_count, limit or benchmark.prompt_count)
        task = benchmark.task if isinstance(benchmark, BenchmarkEntry) else Task()
        return Prompts(
            count, task, _UNKNOWN_PROMPT, _UNKNOWN_PROMPT_MOST, _UNKNOWN_PROMPT_MOST, approximate=True
        )
    count = min(version.prompt_count, limit or version.prompt_count)
    size = min(count, _SAMPLE)
    rows = await history.sample(connection, version.id, [at * count // size for at in range(size)])
    task = Task.model_validate(version.task).with_shots(shots)
    return await asyncio.to_thread(_measured, count, task, rows)


def _measured(count: int, task: Task, rows: Sequence[Record]) -> Prompts:
    likely, most, shown = [], [], []
    for row in rows:
        prompt = store.prompt_of(row)
        messages = render(task, prompt)
        read, _ = most_tokens({"messages": messages, **request_fields(prompt)})
        likely.append(likely_tokens(messages))
        most.append(read)
        shown.append(read + len(prompt.truth.encode()))
    return Prompts(count, task, fmean(likely), fmean(most), fmean(shown), sampled=len(rows))


async def estimate(
    connection: Connection, project_id: str, asked: Asked, prompts: Prompts
) -> EvaluationEstimate:
    """Estimate an evaluation: by earlier ones on the benchmark where there are any, else by bytes.

    Args:
        connection: to read from.
        project_id: whose earlier evaluations are looked at.
        asked: what would be asked.
        prompts: of its benchmark; see `look_at`.
    """
    calls = prompts.count * asked.epochs
    limit = _limit(asked.model, prompts.task)
    earlier = [
        row
        for row in await history.finished(connection, project_id, benchmark_id=asked.benchmark.id)
        if row.shots == asked.shots
    ]
    read, how_read = _expected(earlier, asked.model.id, "input")
    written, how_written = _expected(earlier, asked.model.id, "output")
    if read is None:
        read, how_read = prompts.likely, f"{BYTES_A_TOKEN} bytes a token"
    is_measured = written is not None
    if written is None:
        written, how_written = OUTPUT_SHARE * limit, f"{OUTPUT_SHARE:.0%} of the limit of {limit:,} tokens"
    found = EvaluationEstimate(
        model_id=asked.model.id,
        model_key=asked.model.key,
        benchmark_id=asked.benchmark.id,
        benchmark_key=asked.benchmark.key,
        prompts=prompts.count,
        epochs=asked.epochs,
        tokens_input=round(read * calls),
        tokens_output=round(min(written, limit) * calls),
        tokens_input_most=round(max(read, prompts.most) * calls),
        tokens_output_most=limit * calls,
        approximate=prompts.approximate,
        method=f"Tokens read: {how_read}. Tokens written: {how_written}.",
    )
    if prompts.approximate:
        found.notes.append(
            f"The benchmark is not installed: {prompts.count:,} prompts by the catalogue, of unknown length."
        )
    elif prompts.sampled < prompts.count:
        found.notes.append(f"Measured on {prompts.sampled:,} of the {prompts.count:,} prompts.")
    verdicts = await asyncio.to_thread(_verdicts, asked, prompts.task, found.notes)
    if asked.judge is not None and verdicts:
        _judging(found, asked.judge, prompts, verdicts, min(written, limit), earlier)
    _money(found, asked)
    most = None if is_measured else limit
    answers = Answers(calls, asked.concurrency, read, min(written, limit), most)
    _time(found, asked, answers, await _speeds(connection, project_id, asked))
    return found


def _limit(model: AnyModel, task: Task) -> int:
    parameter = model.token_parameter if isinstance(model, CatalogueModel) else "max_tokens"
    extra: Mapping[str, Any] = {} if isinstance(model, CatalogueModel) else model.extra_payload or {}
    set_itself = extra.get(parameter)
    return set_itself if isinstance(set_itself, int) else task.generation.limit(parameter, model.max_tokens)


def _expected(earlier: Sequence[Record], model_id: str, kind: str) -> tuple[float | None, str]:
    """Return the tokens of an answer in earlier evaluations, of the same model if there are any."""
    same = [row for row in earlier if row.model_id == model_id]
    for rows, whose in ((same, "this model"), (earlier, "other models")):
        measured = [mean for row in rows if (mean := _mean(row, kind))]
        if measured:
            evaluations = f"{len(measured)} evaluation{'' if len(measured) == 1 else 's'}"
            return fmean(measured), f"as measured in {evaluations} of {whose}"
    return None, ""


def _mean(row: Record, kind: str) -> float:
    """Return tokens an answer; 0.0 where the endpoint reported none."""
    answers = row.done - row.outcomes.get("failed", 0)
    tokens = ((row.aggregates or {}).get("tokens") or {}).get(kind) or 0
    return tokens / answers if answers else 0.0


def _verdicts(asked: Asked, task: Task, notes: list[str]) -> int:
    """Return how many verdicts a judge gives on an answer."""
    chosen = task.scorers(judged=asked.judge is not None)
    grades = any(scorers.is_judged(spec.name) for spec in chosen)
    if asked.judge is None:
        if grades:
            notes.append("Its scorer has a model grade the answers: name the judge, which is not counted.")
        return 0
    return int(grades) + len(metrics.rubric_metrics().keys() & set(asked.metrics))


def _judging(
    found: EvaluationEstimate,
    judge: AnyModel,
    prompts: Prompts,
    verdicts: int,
    answer: float,
    earlier: Sequence[Record],
) -> None:
    calls = found.prompts * found.epochs
    graded = [row for row in earlier if row.judge_model_id == judge.id]
    read = [mean for row in graded if (mean := _mean(row, "judge_input"))]
    written = [mean for row in graded if (mean := _mean(row, "judge_output"))]
    each = fmean(read) if read else verdicts * (prompts.likely + answer + _RUBRIC_TOKENS)
    found.judge_tokens_input = round(each * calls)
    found.judge_tokens_output = round((fmean(written) if written else verdicts * _VERDICT_TOKENS) * calls)
    tried = calls * verdicts * VERDICTS_TRIED
    found.judge_tokens_input_most = round(
        most_for_verdict(prompts.shown, prompts.task.generation.max_tokens) * tried
    )
    parameter = judge.token_parameter if isinstance(judge, CatalogueModel) else "max_tokens"
    found.judge_tokens_output_most = VERDICT.limit(parameter, judge.max_tokens) * tried


def _money(found: EvaluationEstimate, asked: Asked) -> None:
    """Work out the cost by the prices there are."""
    parts = [
        (asked.model, found.tokens_input, found.tokens_output, 0),
        (asked.model, found.tokens_input_most, found.tokens_output_most, 1),
    ]
    if asked.judge is not None:
        parts += [
            (asked.judge, found.judge_tokens_input, found.judge_tokens_output, 0),
            (asked.judge, found.judge_tokens_input_most, found.judge_tokens_output_most, 1),
        ]
    costs = [0.0, 0.0]
    for model, read, written, which in parts:
        if model.cost_per_input_token is None or model.cost_per_output_token is None:
            found.notes.append(f"The cost is not known: no price of {model.key} is.")
            return
        costs[which] += (
            float(model.cost_per_input_token) * read + float(model.cost_per_output_token) * written
        )
    found.cost, found.cost_most = costs


async def _speeds(connection: Connection, project_id: str, asked: Asked) -> list[Speed]:
    """Return how fast the model was in the project's evaluations of it."""
    rows = await history.runs(connection, project_id, asked.model.id)
    # A custom model may have been moved to another endpoint since.
    address = None if isinstance(asked.model, CatalogueModel) else asked.model.api_url
    speeds = []
    for row in rows:
        is_same = row.benchmark_id == asked.benchmark.id and row.shots == asked.shots
        if is_of(row, address) and (found := speed(row, asked.usual_concurrency, is_same=is_same)):
            speeds.append(found)
    return speeds


def _time(found: EvaluationEstimate, asked: Asked, answers: Answers, speeds: Sequence[Speed]) -> None:
    """Say how long it takes, or that it is not known, and what its endpoint's limits make of that."""
    if not answers.calls:
        return
    tokens = found.tokens_input + found.tokens_output
    bounds = [
        (answers.calls, asked.requests_per_minute, "requests"),
        (tokens, asked.tokens_per_minute, "tokens"),
    ]
    least = max(amount / limit * 60 if limit else 0.0 for amount, limit, _ in bounds)
    limits = " and ".join(f"{limit:,} {name}" for _, limit, name in bounds if limit)
    seconds, words = expected(speeds, answers)
    if seconds is not None:
        found.seconds_low, found.seconds, found.seconds_high = seconds.at_least(least)
        found.method += f" Time: {words}."
    else:
        found.seconds_low = least or None
        found.notes.append(f"How long it takes is not known: {words}.")
    if limits and (seconds is None or least > seconds.low):
        found.notes.append(f"The endpoint is sent {limits} a minute at the most, which sets the least time.")
    if found.judge_tokens_input and seconds is not None:
        found.notes.append("How long judging takes is not counted.")
