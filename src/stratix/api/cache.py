"""Cached answers of a project: how many there are, and clearing them."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from layerlens.models import CacheCleared, CachedModelList, DataEnvelope
from stratix import catalogue
from stratix.api._auth import InProject
from stratix.api._context import InContext
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.storage import cache, custom

router = APIRouter(
    prefix="/organizations/{organization_id}/projects/{project_id}/cache",
    tags=["cache"],
    route_class=GuardedRoute,
)


@router.get("", response_model=DataEnvelope[CachedModelList])
async def show_cache(project: InProject, context: InContext) -> Response:
    """Return how many answers of each model the project has in its cache."""
    async with context.database.read() as connection:
        found = await cache.by_model(connection, project.id)
        own = {row.id: row.key for row in await custom.list_models(connection, project.id)}
    public = {model.id: model.key for model in catalogue.public_models()}
    models = [{**row._asdict(), "model_key": (own | public).get(row.model_id, "")} for row in found]
    return json_response({"data": {"models": models}})


@router.delete("", response_model=DataEnvelope[CacheCleared])
async def clear_cache(
    project: InProject,
    context: InContext,
    model_id: Annotated[str | None, Query(description="Answers of this model only.")] = None,
    older_than: Annotated[
        float | None, Query(ge=0, description="Answers that came more than so many seconds ago only.")
    ] = None,
) -> Response:
    """Remove cached answers of the project; without parameters all of them."""
    before = None if older_than is None else time.time() - older_than
    async with context.database.write() as connection:
        removed = await cache.clear(connection, project.id, model_id=model_id, before=before)
    return json_response({"data": {"removed": removed}})
