"""The benchmarks of a project: public ones of the catalogue and its custom ones."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from layerlens.models import AnyBenchmark, BenchmarkList, DataEnvelope, PromptList, SortOrder, StatusEnvelope
from stratix.api import _entries, _wire
from stratix.api._auth import InProject
from stratix.api._context import Context, InContext
from stratix.api._errors import ApiError, not_found
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api._paging import MAX_SEARCH, InPage, Listed, Page, overlaps
from stratix.api._selection import check_generated, find_benchmark, offered_benchmarks, search
from stratix.api._waiting import Wait, when_ended
from stratix.catalogue import BenchmarkEntry
from stratix.storage import benchmarks, custom, smart
from stratix.storage.database import Record

PromptField = Literal["id", "input", "truth"]

router = APIRouter(
    prefix="/organizations/{organization_id}/projects/{project_id}",
    tags=["benchmarks"],
    route_class=GuardedRoute,
)


class Wanted(NamedTuple):
    """Which prompts of a benchmark are wanted, and in what order."""

    search: PromptField
    search_value: str
    sort_by: PromptField
    sort_order: SortOrder


def _wanted(
    search: Annotated[PromptField, Query(description="The field that is searched.")] = "input",
    search_value: Annotated[
        str, Query(description="What it contains, any case.", max_length=MAX_SEARCH)
    ] = "",
    sort_by: Annotated[PromptField, Query(description="id: the benchmark's own order.")] = "id",
    sort_order: SortOrder = "asc",
) -> Wanted:
    return Wanted(search, search_value, sort_by, sort_order)


InWanted = Annotated[Wanted, Depends(_wanted)]


@router.get("/benchmarks", response_model=DataEnvelope[BenchmarkList])
async def list_benchmarks(
    project: InProject,
    context: InContext,
    type: Annotated[Literal["custom", "public"] | None, Query(description="Both without it.")] = None,
    name: Annotated[str | None, Query(description="Part of the name, any case.")] = None,
    key: Annotated[str | None, Query(description="Part of the key, any case.")] = None,
    categories: Listed = None,
    languages: Listed = None,
) -> Response:
    """List the project's benchmarks; one whose name or key is exactly what is asked for comes first."""
    found: list[_wire.Json] = []
    async with context.database.read() as connection:
        versions = await benchmarks.latest_versions(connection)
    if type != "custom":
        public = [
            entry
            for entry in offered_benchmarks(project)
            if overlaps(categories, entry.categories) and overlaps(languages, [entry.language])
        ]
        found += [
            _entries.public_benchmark(entry, versions.get(entry.id)) for entry in search(public, name, key)
        ]
    # A custom benchmark has none of these, so it is not among what they pick.
    if type != "public" and not (categories or languages):
        async with context.database.read() as connection:
            rows = await custom.list_benchmarks(connection, project.id)
            generations = await smart.all_of(connection, project.id)
        found += [
            _entries.custom_benchmark(row, versions.get(row.id), generations.get(row.id))
            for row in search(rows, name, key)
        ]
    return json_response({"data": {"datasets": found}})


@router.get("/benchmarks/{benchmark_id}", response_model=DataEnvelope[AnyBenchmark])
async def get_benchmark(
    benchmark_id: str, request: Request, project: InProject, context: InContext, wait: Wait = 0.0
) -> Response:
    """Return one benchmark of the project; with `wait`, one that is generated once that has ended."""

    async def find() -> tuple[BenchmarkEntry | Record, Record | None, Record | None]:
        async with context.database.read() as connection:
            # Before the version, which is there when it has ended well.
            generation = await smart.get(connection, benchmark_id)
            found = await find_benchmark(connection, project, benchmark_id)
            if found is None:
                raise not_found("benchmark", benchmark_id)
            return found, await benchmarks.latest_version(connection, found.id), generation

    def show(
        read: tuple[BenchmarkEntry | Record, Record | None, Record | None],
    ) -> dict[str, _entries.Json]:
        found, version, generation = read
        if isinstance(found, BenchmarkEntry):
            return {"data": _entries.public_benchmark(found, version)}
        return {"data": _entries.custom_benchmark(found, version, generation)}

    return await when_ended(
        find,
        show,
        wait,
        request,
        context,
        lambda read: read[2] is None or _entries.status_of(read[2]) != "generating",
    )


@router.get("/benchmarks/{benchmark_id}/prompts", response_model=StatusEnvelope[PromptList])
async def list_prompts(
    benchmark_id: str,
    project: InProject,
    context: InContext,
    page: InPage,
    wanted: InWanted,
) -> Response:
    """Return one page of a benchmark's prompts and the number of all that match."""
    async with context.database.read() as connection:
        found = await find_benchmark(connection, project, benchmark_id)
    if found is None:
        raise not_found("benchmark", benchmark_id)
    return await prompts_response(context, found, page, wanted)


async def prompts_response(
    context: Context,
    benchmark: BenchmarkEntry | Record,
    page: Page,
    wanted: Wanted,
) -> Response:
    """Answer with one page of the prompts of a benchmark's latest version.

    Raises:
        ApiError: 409, the benchmark is not installed.
    """
    async with context.database.read() as connection:
        await check_generated(connection, benchmark)
        version = await benchmarks.latest_version(connection, benchmark.id)
        if version is None:
            raise ApiError(
                409,
                f"{benchmark.name} is not installed, so its prompts are not here: install it by "
                f"`stratix benchmarks install {benchmark.key}` or POST .../benchmarks/{benchmark.id}/install",
            )
        rows, total = await benchmarks.prompts_page(
            connection,
            version.id,
            page=page.number,
            page_size=page.size,
            search=wanted.search,
            search_value=wanted.search_value,
            sort_by=wanted.sort_by,
            descending=wanted.sort_order == "desc",
        )
    return json_response(
        {"status": "success", "data": {"prompts": list(map(_wire.prompt, rows)), "count": total}}
    )
