"""Custom benchmarks: made from an uploaded file of prompts."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import PurePath
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from layerlens.models import (
    CreatedBenchmark,
    CustomBenchmarkCreate,
    InputType,
    SmartBenchmarkCreate,
    StatusEnvelope,
)
from stratix import catalogue, scorers
from stratix.api._auth import InProject
from stratix.api._context import InContext
from stratix.api._creation import InCreation
from stratix.api._errors import ApiError, invalid
from stratix.benchmarks.base import ScorerSpec, Task
from stratix.benchmarks.custom import BadBenchmarkFile, parse
from stratix.benchmarks.store import row_of
from stratix.storage import benchmarks, custom, uploads
from stratix.storage.database import Connection

router = APIRouter(prefix="/organizations/{organization_id}/projects/{project_id}", tags=["benchmarks"])


@router.post("/custom-benchmarks", response_model=StatusEnvelope[CreatedBenchmark])
async def create_custom_benchmark(
    body: CustomBenchmarkCreate, project: InProject, context: InContext, creation: InCreation
) -> Response:
    """Make a benchmark from an uploaded JSONL file; a bad line is named with its number and reason.

    The benchmark is there with all its prompts or not at all, and the uploaded file goes once it is.
    """
    task = await asyncio.to_thread(_task, body.custom_scorers)  # A scorer may be slow to import.
    async with context.database.read() as connection:
        upload = await uploads.find(connection, project.id, body.file)
    # Asked after the look at the file: whoever has used it up has left an answer by now.
    if (answer := await creation.earlier()) is not None:
        return answer
    if upload is None:
        raise invalid("file", f"no file {body.file!r} has been uploaded, or it was used: upload it first")
    if PurePath(upload.filename).suffix.lower() != ".jsonl":
        raise invalid(
            "file", f"{upload.filename!r} is not JSONL: a custom benchmark is made from a .jsonl file"
        )
    async with context.parsing:
        try:
            rows = await asyncio.to_thread(_rows, upload.content, body.input_type)
        except BadBenchmarkFile as error:
            lines = [{"line": number, "reason": reason} for number, reason in error.problems]
            raise ApiError(422, f"file: {error}", lines=lines, more=error.more) from None

        async def work(connection: Connection) -> dict[str, Any]:
            if not await uploads.drop(connection, upload.id):
                raise ApiError(
                    409, f"file: {body.file!r} was used by another request meanwhile: upload it again"
                )
            row = await custom.add_benchmark(
                connection,
                context.database,
                taken_keys={entry.key for entry in catalogue.public_benchmarks()},
                organization_id=project.organization_id,
                project_id=project.id,
                name=body.name,
                description=body.description,
                input_type=body.input_type,
                metrics=list(dict.fromkeys(body.additional_metrics or [])),
                files=[upload.filename],
            )
            settings = task.model_dump(mode="json")
            await benchmarks.add_version(
                connection,
                context.database,
                benchmark_id=row.id,
                version=_version(upload.content, settings),
                task=settings,
                rows=rows,
                source=f"uploaded file {upload.filename}",
            )
            created = {
                "organization_id": row.organization_id,
                "project_id": row.project_id,
                "benchmark_id": row.id,
            }
            return {"status": "success", "data": created}

        return await creation.run(work)


@router.post("/smart-benchmarks", response_model=StatusEnvelope[CreatedBenchmark])
async def create_smart_benchmark(body: SmartBenchmarkCreate, project: InProject) -> Response:
    """Refuse, for now: generating prompts from documents needs a model that writes them."""
    raise ApiError(
        501,
        "This server does not generate benchmarks from documents: write the prompts to a JSONL file and "
        "create a custom benchmark from it.",
    )


def _task(names: list[str] | None) -> Task:
    if not names:
        return Task()
    if len(names) > 1:
        raise invalid("custom_scorers", "name one scorer: an answer has one score")
    try:
        scorers.get(names[0])
    except ValueError as error:
        raise invalid("custom_scorers", str(error)) from None
    return Task(scorer=ScorerSpec(name=names[0]))


def _rows(content: bytes, input_type: InputType | None) -> list[dict[str, Any]]:
    prompts = parse(content.splitlines(), None if input_type == "text" else input_type)
    return [row_of(prompt) for prompt in prompts]


def _version(content: bytes, task: dict[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(task, option=orjson.OPT_SORT_KEYS) + content).hexdigest()[:16]
