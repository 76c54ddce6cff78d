"""Tries of models: recorded here, made by a worker, which alone calls endpoints."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from layerlens.models import DataEnvelope, ModelTry, ModelTryCreate
from stratix.api._auth import InProject
from stratix.api._context import InContext
from stratix.api._errors import ApiError, not_found
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api._selection import company_of, find_model
from stratix.storage import tries
from stratix.storage.database import Record

router = APIRouter(
    prefix="/organizations/{organization_id}/projects/{project_id}/models/{model_id}/tries",
    tags=["models"],
    route_class=GuardedRoute,
)


@router.post("", response_model=DataEnvelope[ModelTry])
async def try_model(model_id: str, body: ModelTryCreate, project: InProject, context: InContext) -> Response:
    """Have a worker send a model a few short requests; what they show can be read while it does."""
    async with context.database.read() as connection:
        model = await find_model(connection, project, model_id)
        if model is None:
            raise not_found("model", model_id)
        await company_of(connection, context, project, "model_id", model)
    async with context.database.write() as connection:
        row = await tries.create(connection, project.id, model.id, body.prompt)
    if row is None:
        raise ApiError(409, f"{model.name!r} is being tried at this moment: wait until that is over.")
    return json_response({"data": _wire(row)})


@router.get("/{try_id}", response_model=DataEnvelope[ModelTry])
async def get_try(model_id: str, try_id: str, project: InProject, context: InContext) -> Response:
    """Return a try of the last 24 hours with what it has shown so far."""
    async with context.database.read() as connection:
        row = await tries.get(connection, project.id, model_id, try_id)
    if row is None:
        raise not_found("try", try_id)
    return json_response({"data": _wire(row)})


def _wire(row: Record) -> dict[str, Any]:
    return ModelTry(
        id=row.id,
        model_id=row.model_id,
        status=row.status,
        error=row.error,
        created_at=row.created_at,
        report=row.report or {},
    ).model_dump()
