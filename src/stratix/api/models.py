"""The models of a project: public ones of the catalogue and its custom ones."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from layerlens.models import AnyModel, DataEnvelope, ModelList
from stratix.api import _entries
from stratix.api._auth import InProject
from stratix.api._context import InContext
from stratix.api._errors import not_found
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api._paging import Listed, overlaps
from stratix.api._selection import find_model, offered_models, search
from stratix.catalogue import CatalogueModel
from stratix.storage import custom, provider_keys

router = APIRouter(
    prefix="/organizations/{organization_id}/projects/{project_id}", tags=["models"], route_class=GuardedRoute
)


@router.get("/models", response_model=DataEnvelope[ModelList])
async def list_models(
    project: InProject,
    context: InContext,
    type: Annotated[Literal["custom", "public"] | None, Query(description="Both without it.")] = None,
    name: Annotated[str | None, Query(description="Part of the name, any case.")] = None,
    key: Annotated[str | None, Query(description="Part of the key, any case.")] = None,
    categories: Listed = None,
    companies: Listed = None,
    regions: Listed = None,
    licenses: Listed = None,
) -> Response:
    """List the project's models; one whose name or key is exactly what is asked for comes first."""
    found: list[_entries.Json] = []
    if type != "custom":
        public = [
            model
            for model in offered_models(project)
            if overlaps(categories, model.categories)
            and overlaps(companies, [model.company])
            and overlaps(regions, [model.region])
            and overlaps(licenses, [model.license])
        ]
        async with context.database.read() as connection:
            stored = await provider_keys.stored(connection, project.id)
        found += (
            _entries.public_model(model, context.environ, stored) for model in search(public, name, key)
        )
    # A custom model has none of these, so it is not among what they pick.
    if type != "public" and not (categories or companies or regions or licenses):
        async with context.database.read() as connection:
            rows = await custom.list_models(connection, project.id)
        found += map(_entries.custom_model, search(rows, name, key))
    return json_response({"data": {"models": found}})


@router.get("/models/{model_id}", response_model=DataEnvelope[AnyModel])
async def get_model(model_id: str, project: InProject, context: InContext) -> Response:
    """Return one model of the project; a custom one that was deleted is marked as disabled."""
    async with context.database.read() as connection:
        model = await find_model(connection, project, model_id)
        stored = await provider_keys.stored(connection, project.id)
    if model is None:
        raise not_found("model", model_id)
    if isinstance(model, CatalogueModel):
        return json_response({"data": _entries.public_model(model, context.environ, stored)})
    return json_response({"data": _entries.custom_model(model)})
