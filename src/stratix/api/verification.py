"""Verifying an installed benchmark: everything that can be checked without a model."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from layerlens.models import (
    BenchmarkVerification,
    BenchmarkVerify,
    DataEnvelope,
    StatusEnvelope,
    VerificationProgress,
)
from stratix import scorers
from stratix.api._auth import InProject
from stratix.api._chores import Background, InBackground, Seen
from stratix.api._context import Context, InContext
from stratix.api._errors import ApiError, not_found
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api._selection import check_generated, find_benchmark
from stratix.benchmarks.base import Prompt, Task
from stratix.benchmarks.store import prompt_of
from stratix.benchmarks.verify import Judge, Verifier
from stratix.catalogue import BenchmarkEntry
from stratix.storage import benchmarks
from stratix.storage.chores import VERIFICATIONS
from stratix.storage.database import Record

_BATCH = 500
_LOOK_SECONDS = 0.5

router = APIRouter(
    prefix="/organizations/{organization_id}/projects/{project_id}",
    tags=["benchmarks"],
    route_class=GuardedRoute,
)


@router.post(
    "/benchmarks/{benchmark_id}/verify",
    response_model=StatusEnvelope[BenchmarkVerification] | StatusEnvelope[VerificationProgress],
)
async def verify_benchmark(
    benchmark_id: str,
    project: InProject,
    context: InContext,
    background: InBackground,
    body: BenchmarkVerify | None = None,
) -> Response:
    """Check a benchmark's installed version: hash, count, duplicates, truths and leaks.

    Every truth is scored as an answer by the benchmark's own scorer, so benchmarks of code take minutes. With
    `wait` false it is done in the background, and the answer tells that it has begun.
    """
    async with context.database.read() as connection:
        found = await find_benchmark(connection, project, benchmark_id)
        if found is None:
            raise not_found("benchmark", benchmark_id)
        await check_generated(connection, found)
        version = await benchmarks.latest_version(connection, found.id)
    if version is None:
        raise ApiError(409, f"{found.name} is not installed: `stratix benchmarks install {found.key}`")
    task = Task.model_validate(version.task)
    try:
        verifier = Verifier(task, judge_of(task))
    except ValueError as error:  # a scorer of a plugin that is gone
        raise ApiError(422, str(error)) from None
    if body is None or body.wait:
        report = await _report(context, found, version, verifier)
        return json_response({"status": "success", "data": report})

    async def work(seen: Seen) -> dict[str, Any]:
        return {"report": await _report(context, found, version, verifier, seen)}

    row = await background.begin(VERIFICATIONS, found.id, work, prompts_total=version.prompt_count)
    return json_response({"status": "success", "data": _progress(background, found.id, row)})


@router.get("/benchmarks/{benchmark_id}/verify", response_model=DataEnvelope[VerificationProgress])
async def get_verification(
    benchmark_id: str, project: InProject, context: InContext, background: InBackground
) -> Response:
    """Return how far the latest verification in the background is, or what it found."""
    async with context.database.read() as connection:
        found = await find_benchmark(connection, project, benchmark_id)
        row = await VERIFICATIONS.get(connection, benchmark_id)
    if found is None:
        raise not_found("benchmark", benchmark_id)
    return json_response({"data": _progress(background, benchmark_id, row)})


def _progress(background: Background, benchmark_id: str, row: Record | None) -> VerificationProgress:
    standing = background.standing(VERIFICATIONS, benchmark_id, row)
    ended_at = standing.get("heard_at") if standing["status"] in ("done", "failed") else None
    return VerificationProgress.model_validate(
        {**standing, "benchmark_id": benchmark_id, "ended_at": ended_at}
    )


async def _report(
    context: Context,
    found: BenchmarkEntry | Record,
    version: Record,
    verifier: Verifier,
    seen: Seen | None = None,
) -> dict[str, Any]:
    """Look at all prompts, and return what was found."""
    for start in range(0, version.prompt_count, _BATCH):
        async with context.database.read() as connection:
            rows = await benchmarks.prompt_rows(connection, version.id, start, start + _BATCH)
        looking = asyncio.create_task(asyncio.to_thread(verifier.add, [prompt_of(row) for row in rows]))
        while not (await asyncio.wait([looking], timeout=_LOOK_SECONDS))[0]:
            if seen is not None:
                seen(verifier.count, version.prompt_count)
        looking.result()
        if seen is not None:
            seen(verifier.count, version.prompt_count)
    if isinstance(found, BenchmarkEntry):
        counts = {found.prompt_count, *(s.prompt_count for s in found.sources if s.prompt_count)}
        findings = verifier.findings(version.version, counts, found.subsets)
    else:
        findings = verifier.findings(None)
    return {
        "benchmark_id": found.id,
        "version": str(version.version),
        "prompt_count": version.prompt_count,
        "passed": all(finding.status != "problem" for finding in findings),
        "truth_accuracy": verifier.truth_accuracy,
        "shuffled_accuracy": verifier.shuffled_accuracy,
        "findings": [asdict(finding) for finding in findings],
    }


def judge_of(task: Task) -> Judge | None:
    """Return what scores answers by a task's scorers; None if one of them has a model grade them.

    Raises:
        ValueError: there is no such scorer, or it does not take these options.
    """
    specs = [task.scorer, *task.subset_scorers.values()]
    if any(scorers.is_judged(spec.name) for spec in specs):
        return None
    made = {spec.name + repr(spec.options): scorers.get(spec.name, **spec.options) for spec in specs}

    def judge(prompt: Prompt, answer: str) -> float:
        spec = task.scorer_of(prompt.subset)
        target = scorers.Target(prompt.truth, prompt.aliases, prompt.choices, prompt.metadata)
        return made[spec.name + repr(spec.options)].score(answer, target).value

    return judge
