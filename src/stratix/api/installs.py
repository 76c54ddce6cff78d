"""Installing a public benchmark: fetched from its sources, or imported from uploaded files."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from layerlens.models import (
    BenchmarkInstall,
    DataEnvelope,
    InstalledBenchmark,
    InstallProgress,
    StatusEnvelope,
)
from stratix.api._auth import InProject
from stratix.api._chores import Background, InBackground, Seen
from stratix.api._context import Context, InContext
from stratix.api._errors import ApiError, invalid, not_found
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api._selection import find_benchmark
from stratix.benchmarks.download import Progress
from stratix.benchmarks.store import CannotInstall, install
from stratix.catalogue import BenchmarkEntry
from stratix.storage import uploads
from stratix.storage.chores import INSTALLATIONS
from stratix.storage.database import Record

MAX_FILES = 200

router = APIRouter(
    prefix="/organizations/{organization_id}/projects/{project_id}",
    tags=["benchmarks"],
    route_class=GuardedRoute,
)


@router.post(
    "/benchmarks/{benchmark_id}/install",
    response_model=StatusEnvelope[InstalledBenchmark] | StatusEnvelope[InstallProgress],
)
async def install_benchmark(
    benchmark_id: str,
    project: InProject,
    context: InContext,
    background: InBackground,
    body: BenchmarkInstall | None = None,
) -> Response:
    """Install a public benchmark, for all projects; doing it again changes nothing but to renew it.

    With `files`, keys of uploads, it is imported from those and they go once it is there. With `wait`
    false it is done in the background, and the answer tells that it has begun.
    """
    async with context.database.read() as connection:
        entry = await find_benchmark(connection, project, benchmark_id)
    if entry is None:
        raise not_found("benchmark", benchmark_id)
    if not isinstance(entry, BenchmarkEntry):
        raise ApiError(422, f"{entry.name!r} is a custom benchmark, which is always installed.")
    files = await _uploaded(context, project, (body and body.files) or [])
    if body is not None and not body.wait:

        async def work(seen: Seen) -> dict[str, Any]:
            await _install(context, entry, files, seen)
            return {}

        row = await background.begin(INSTALLATIONS, entry.id, work)
        return json_response({"status": "success", "data": _progress(background, entry.id, row)})
    version = await _install(context, entry, files, None)
    installed = {
        "benchmark_id": entry.id,
        "version": version.version,
        "prompt_count": version.prompt_count,
    }
    return json_response({"status": "success", "data": installed})


@router.get("/benchmarks/{benchmark_id}/install", response_model=DataEnvelope[InstallProgress])
async def get_progress(
    benchmark_id: str, project: InProject, context: InContext, background: InBackground
) -> Response:
    """Return how far the latest installation in the background is."""
    async with context.database.read() as connection:
        entry = await find_benchmark(connection, project, benchmark_id)
        row = await INSTALLATIONS.get(connection, benchmark_id)
    if entry is None:
        raise not_found("benchmark", benchmark_id)
    return json_response({"data": _progress(background, benchmark_id, row)})


def _progress(background: Background, benchmark_id: str, row: Record | None) -> InstallProgress:
    standing = background.standing(INSTALLATIONS, benchmark_id, row)
    return InstallProgress.model_validate({**standing, "benchmark_id": benchmark_id})


async def _install(
    context: Context, entry: BenchmarkEntry, files: Sequence[Record], progress: Progress | None
) -> Record:
    """Install it; uploaded files go once it is there.

    Raises:
        ApiError: 422, it is not to be had.
    """
    with tempfile.TemporaryDirectory(prefix="stratix-") as folder:
        source = await asyncio.to_thread(_write, files, Path(folder))
        try:
            version = await install(context.database, entry, source, context.settings.cache_dir, progress)
        except CannotInstall as error:
            raise ApiError(422, str(error).replace(f"{folder}{os.sep}", "")) from None
    async with context.database.write() as connection:
        for file in files:
            await uploads.drop(connection, file.id)
    return version


async def _uploaded(context: Context, project: Record, keys: Sequence[str]) -> list[Record]:
    if len(keys) > MAX_FILES:
        raise invalid("files", f"at most {MAX_FILES} files are taken at a time")
    files = []
    async with context.database.read() as connection:
        for key in dict.fromkeys(keys):
            file = await uploads.find(connection, project.id, key)
            if file is None:
                raise invalid("files", f"no file {key!r} has been uploaded, or it was used: upload it first")
            files.append(file)
    if len({file.filename for file in files}) < len(files):
        raise invalid("files", "two of the files have the same name: rename one")
    return files


def _write(files: Sequence[Record], folder: Path) -> Path | None:
    """Write uploads into a folder; return the one file, the folder of several, or None for none."""
    for file in files:
        # The upload has made sure that the name is a plain one.
        (folder / file.filename).write_bytes(file.content)
    if not files:
        return None
    return folder / files[0].filename if len(files) == 1 else folder
