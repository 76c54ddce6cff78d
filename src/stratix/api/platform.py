"""What the platform keeps."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

from layerlens.models import DataEnvelope, StorageUse
from stratix.api._auth import InCaller
from stratix.api._context import InContext
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.storage import usage

router = APIRouter(tags=["platform"], route_class=GuardedRoute)


@router.get("/storage", response_model=DataEnvelope[StorageUse])
async def get_storage(caller: InCaller, context: InContext) -> Response:
    """Return how much the platform keeps: its database, downloaded files, and the organisation's rows."""
    async with context.database.read() as connection:
        use = StorageUse(
            database="sqlite" if context.database.is_sqlite else "postgresql",
            database_bytes=await usage.size(connection),
            download_bytes=await asyncio.to_thread(_bytes_in, context.settings.cache_dir),
            rows=await usage.rows(connection, caller.organization_id),
        )
    return json_response({"data": use.model_dump(mode="json")})


def _bytes_in(folder: Path) -> int:
    """Return the bytes of all files below a folder, which may not be there, or change meanwhile."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total
