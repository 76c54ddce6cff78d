"""Custom benchmarks: made from uploaded files of prompts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from fastapi import APIRouter
from starlette.responses import Response

from layerlens.models import (
    BenchmarkPreview,
    CreatedBenchmark,
    CustomBenchmarkCreate,
    DataEnvelope,
    ImportProgress,
    StatusEnvelope,
)
from stratix import catalogue
from stratix.api import _custom_task
from stratix.api._auth import InProject
from stratix.api._chores import Background, InBackground, Seen
from stratix.api._context import Context, InContext
from stratix.api._creation import InCreation
from stratix.api._custom_reading import HEAD_BYTES, Made, is_enough, make
from stratix.api._errors import ApiError, invalid, not_found
from stratix.api._from_uploads import created, use_up
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.benchmarks import formats
from stratix.benchmarks.custom import BadBenchmarkFile
from stratix.storage import benchmarks, custom, uploads
from stratix.storage.chores import IMPORTS
from stratix.storage.database import Connection, Record
from stratix.storage.identifiers import new_id

_MAX_DATA = 20
T = TypeVar("T")

router = APIRouter(
    prefix="/organizations/{organization_id}/projects/{project_id}",
    tags=["benchmarks"],
    route_class=GuardedRoute,
)


@router.post(
    "/custom-benchmarks",
    response_model=StatusEnvelope[CreatedBenchmark]
    | StatusEnvelope[ImportProgress]
    | StatusEnvelope[BenchmarkPreview],
)
async def create_custom_benchmark(
    body: CustomBenchmarkCreate,
    project: InProject,
    context: InContext,
    creation: InCreation,
    background: InBackground,
) -> Response:
    """Make a benchmark from an uploaded file; a bad row is named with its number and reason.

    The benchmark is there with all its prompts or not at all, and the uploaded file goes once it is. With
    `dry_run` nothing is made, the file stays, and the answer shows the first prompts as a model would see
    them. With `wait` false it is made in the background, and the answer tells that this has begun.
    """
    given = await asyncio.to_thread(_custom_task.said, body)  # A scorer may be slow to import.
    if body.format is not None and body.format not in formats.names():
        raise invalid("format", f"there is none {body.format!r}; there are: {', '.join(formats.names())}")
    found = await _uploaded(context, project.id, [body.file, *(body.data or [])], body.sample)
    # Asked after the look at the files: whoever has used them up has left an answer by now.
    if not body.dry_run and (answer := await creation.earlier()) is not None:
        return answer
    for number, (key, one) in enumerate(found):
        if one is None:
            field = "data" if number else "file"
            raise invalid(field, f"no file {key!r} has been uploaded, or it was used: upload it first")
    files = [one for _, one in found if one is not None]
    if body.dry_run:
        async with context.parsing:
            made = await _made(body, given, files)
        return json_response({"status": "success", "data": made.preview()})
    if body.wait:
        return await _create(context, project, body, given, files, creation.run)
    import_id = new_id("import")

    async def run(work: Callable[[Connection], Awaitable[Any]]) -> Any:
        async with context.database.write() as connection:
            return await work(connection)

    async def work(seen: Seen) -> dict[str, Any]:
        return {"made": (await _create(context, project, body, given, files, run, seen))["data"]}

    row = await background.begin(IMPORTS, import_id, work, project_id=project.id)
    return json_response({"status": "success", "data": _progress(background, import_id, row)})


@router.get("/custom-benchmarks/imports/{import_id}", response_model=DataEnvelope[ImportProgress])
async def get_import(
    import_id: str, project: InProject, context: InContext, background: InBackground
) -> Response:
    """Return how far a custom benchmark is that is made in the background."""
    async with context.database.read() as connection:
        row = await IMPORTS.get(connection, import_id)
    if row is None or row.project_id != project.id:
        raise not_found("import", import_id)
    return json_response({"data": _progress(background, import_id, row)})


def _progress(background: Background, import_id: str, row: Record) -> ImportProgress:
    standing = background.standing(IMPORTS, import_id, row)
    details = {name: value for name, value in (row.details or {}).items() if name in ("lines", "more")}
    return ImportProgress.model_validate({**standing, **details, "import_id": import_id, "created": row.made})


async def _made(
    body: CustomBenchmarkCreate, given: dict[str, Any], files: Sequence[Record], seen: Seen | None = None
) -> Made:
    """Read and check the files.

    Raises:
        ApiError: they cannot be used.
    """
    try:
        return await asyncio.to_thread(make, body, given, files, seen)
    except BadBenchmarkFile as error:
        lines = [{"line": number, "reason": reason} for number, reason in error.problems]
        raise ApiError(
            422, f"file: {error}", lines=lines, more=error.more, columns=list(error.columns)
        ) from None


async def _create(
    context: Context,
    project: Record,
    body: CustomBenchmarkCreate,
    given: dict[str, Any],
    files: Sequence[Record],
    run: Callable[[Callable[[Connection], Awaitable[Any]]], Awaitable[T]],
    seen: Seen | None = None,
) -> T:
    """Read the files and store the benchmark.

    Args:
        context: of the request.
        project: that it is for.
        body: what was asked for.
        given: the settings it states.
        files: the uploaded ones.
        run: does the storing in one transaction, and returns the answer.
        seen: told how far it is.

    Raises:
        ApiError: the files cannot be used, or were used by another request.
    """
    async with context.parsing:
        made = await _made(body, given, files, seen)
        version = await asyncio.to_thread(made.version)

        async def work(connection: Connection) -> dict[str, Any]:
            await use_up(connection, "file", files)
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
                rows=made.rows(seen),
                source="\n".join([f"uploaded file {files[0].filename}, {made.format}", *made.findings]),
            )
            return created(row, made.findings)

        return await run(work)


async def _uploaded(
    context: Context, project_id: str, keys: Sequence[str], sample: int | None
) -> list[tuple[str, Record | None]]:
    """Return uploaded files by their keys, None for those that are not there.

    Where a sample will do, of a file that is read row by row comes its beginning.
    """
    if len(keys) > _MAX_DATA + 1:
        raise invalid("data", f"at most {_MAX_DATA} files are taken")
    found = {}
    async with context.database.read() as connection:
        for key in dict.fromkeys(keys):
            head = HEAD_BYTES if sample is not None and len(keys) == 1 else None
            one = await uploads.find(connection, project_id, key, head=head)
            if one is not None and not is_enough(one):
                one = await uploads.find(connection, project_id, key)
            found[key] = one
    return list(found.items())
