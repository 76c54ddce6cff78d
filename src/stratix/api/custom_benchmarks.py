"""Custom benchmarks: made from uploaded files of prompts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from layerlens.models import (
    BenchmarkPreview,
    CreatedBenchmark,
    CustomBenchmarkCreate,
    StatusEnvelope,
)
from stratix import catalogue
from stratix.api import _custom_task
from stratix.api._auth import InProject
from stratix.api._context import InContext
from stratix.api._creation import InCreation
from stratix.api._errors import ApiError, invalid
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.benchmarks import formats
from stratix.benchmarks.base import Prompt, Task
from stratix.benchmarks.custom import BadBenchmarkFile, File, Request, draft
from stratix.benchmarks.install import VersionHash
from stratix.benchmarks.store import row_of
from stratix.storage import benchmarks, custom, uploads
from stratix.storage.database import Connection, Record

_MAX_DATA = 20

router = APIRouter(
    prefix="/organizations/{organization_id}/projects/{project_id}",
    tags=["benchmarks"],
    route_class=GuardedRoute,
)


@router.post(
    "/custom-benchmarks", response_model=StatusEnvelope[CreatedBenchmark] | StatusEnvelope[BenchmarkPreview]
)
async def create_custom_benchmark(
    body: CustomBenchmarkCreate, project: InProject, context: InContext, creation: InCreation
) -> Response:
    """Make a benchmark from an uploaded file; a bad row is named with its number and reason.

    The benchmark is there with all its prompts or not at all, and the uploaded file goes once it is. With
    `dry_run` nothing is made, the file stays, and the answer shows the first prompts as a model would see
    them.
    """
    given = await asyncio.to_thread(_custom_task.said, body)  # A scorer may be slow to import.
    if body.format is not None and body.format not in formats.names():
        raise invalid("format", f"there is none {body.format!r}; there are: {', '.join(formats.names())}")
    found = await _uploaded(context.database.read, project.id, [body.file, *(body.data or [])])
    # Asked after the look at the files: whoever has used them up has left an answer by now.
    if not body.dry_run and (answer := await creation.earlier()) is not None:
        return answer
    for number, (key, one) in enumerate(found):
        if one is None:
            field = "data" if number else "file"
            raise invalid(field, f"no file {key!r} has been uploaded, or it was used: upload it first")
    files = [one for _, one in found if one is not None]
    async with context.parsing:
        try:
            made = await asyncio.to_thread(_make, body, given, files)
        except BadBenchmarkFile as error:
            lines = [{"line": number, "reason": reason} for number, reason in error.problems]
            raise ApiError(
                422, f"file: {error}", lines=lines, more=error.more, columns=list(error.columns)
            ) from None
        if body.dry_run:
            return json_response({"status": "success", "data": made.preview()})
        rows, version = await asyncio.to_thread(_rows, made)

        async def work(connection: Connection) -> dict[str, Any]:
            for one in files:
                if not await uploads.drop(connection, one.id):
                    raise ApiError(
                        409, f"file: {one.key!r} was used by another request meanwhile: upload it again"
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
                files=[one.filename for one in files],
            )
            await benchmarks.add_version(
                connection,
                context.database,
                benchmark_id=row.id,
                version=version,
                task=made.task.model_dump(mode="json"),
                rows=rows,
                source="\n".join([f"uploaded file {files[0].filename}, {made.format}", *made.findings]),
            )
            created = {
                "organization_id": row.organization_id,
                "project_id": row.project_id,
                "benchmark_id": row.id,
                "findings": made.findings,
            }
            return {"status": "success", "data": created}

        return await creation.run(work)


@dataclass(frozen=True, slots=True)
class _Made:
    """A benchmark that could be stored."""

    format: str
    prompts: list[Prompt]
    task: Task
    findings: list[str]
    columns: tuple[str, ...]

    def preview(self) -> dict[str, Any]:
        """Return what a dry run answers."""
        return {
            "format": self.format,
            "prompt_count": len(self.prompts),
            "task": self.task.model_dump(mode="json"),
            "findings": self.findings,
            "columns": list(self.columns),
            "prompts": _custom_task.preview(self.task, self.prompts),
        }


async def _uploaded(read: Any, project_id: str, keys: Sequence[str]) -> list[tuple[str, Record | None]]:
    """Return uploaded files by their keys, None for those that are not there."""
    if len(keys) > _MAX_DATA + 1:
        raise invalid("data", f"at most {_MAX_DATA} files are taken")
    async with read() as connection:
        return [(key, await uploads.find(connection, project_id, key)) for key in dict.fromkeys(keys)]


def _make(body: CustomBenchmarkCreate, given: dict[str, Any], files: Sequence[Record]) -> _Made:
    """Read and check it all.

    Raises:
        BadBenchmarkFile: the file cannot be used.
        ApiError: 422, the settings do not fit it.
    """
    request = Request(
        input_type=None if body.input_type == "text" else body.input_type,
        mapping=body.mapping,
        template=given.get("template"),
        scorer_chosen="scorer" in given,
    )
    file, *data = [File(one.filename, one.content) for one in files]
    name, found = draft(file, data, request, body.format)
    try:
        prompts = list(found.prompts)
    except BadBenchmarkFile as error:
        error.columns = error.columns or found.columns
        raise
    task = _custom_task.complete(given, found.task, {prompt.subset for prompt in prompts})
    findings = [*found.findings, *_custom_task.tried(task, prompts)]
    return _Made(name, prompts, task, findings, found.columns)


def _rows(made: _Made) -> tuple[list[dict[str, Any]], str]:
    """Return the rows to store, and the hash over prompts and settings."""
    version = VersionHash(made.task)
    for prompt in made.prompts:
        version.add(prompt)
    return [row_of(prompt) for prompt in made.prompts], version.hexdigest()
