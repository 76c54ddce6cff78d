"""What there is of the platform: keys of providers, and what it keeps."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

from layerlens.models import DataEnvelope, ProviderList, ProviderStatus, StorageUse
from stratix import catalogue
from stratix.api._auth import InCaller
from stratix.api._context import InContext
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.storage import usage

router = APIRouter(tags=["platform"], route_class=GuardedRoute)

_SHOWN = 4
_LONG_ENOUGH = 20
"""A key shorter than this is not shown even in part."""


@router.get("/providers", response_model=DataEnvelope[ProviderList])
async def list_providers(caller: InCaller, context: InContext) -> Response:
    """Return the providers of public models, and whether the server has their keys; never the keys."""
    served = Counter(model.provider for model in catalogue.public_models())
    found = []
    for provider in catalogue.providers().values():
        values = [context.environ.get(name, "").strip() for name in provider.key_variables]
        key = next(filter(None, values), "")
        found.append(
            ProviderStatus(
                key=provider.key,
                name=provider.name,
                variables=list(provider.key_variables),
                has_key=bool(key) or not provider.key_variables,
                masked_key=f"…{key[-_SHOWN:]}" if len(key) >= _LONG_ENOUGH else "",
                models=served[provider.key],
                docs=provider.docs,
            )
        )
    found.sort(key=lambda provider: provider.name.casefold())
    return json_response({"data": ProviderList(providers=found).model_dump(mode="json")})


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
