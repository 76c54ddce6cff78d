"""What the platform keeps."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from layerlens.models import DataEnvelope, StorageUse
from stratix.api._auth import InCaller
from stratix.api._context import InContext
from stratix.api._data_folder import bytes_by_kind
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.storage import usage

router = APIRouter(tags=["platform"], route_class=GuardedRoute)


@router.get("/storage", response_model=DataEnvelope[StorageUse])
async def get_storage(caller: InCaller, context: InContext) -> Response:
    """Return how much the platform keeps: its database, the files beside it, and the organisation's rows."""
    files = await asyncio.to_thread(bytes_by_kind, context.settings)
    async with context.database.read() as connection:
        use = StorageUse(
            database="sqlite" if context.database.is_sqlite else "postgresql",
            database_bytes=await usage.size(connection),
            database_free_bytes=await usage.free(connection),
            download_bytes=files["downloads"],
            files=files,
            rows=await usage.rows(connection, caller.organization_id),
        )
    return json_response({"data": use.model_dump(mode="json")})
