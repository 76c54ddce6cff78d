"""Organisations and projects."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from layerlens.models import DataEnvelope, Organization, ProjectUpdate, ProjectUpdated
from stratix import catalogue
from stratix.api._auth import InCaller, InProject, KeyCache
from stratix.api._context import InContext
from stratix.api._errors import ApiError, invalid
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.storage import custom, tenants

router = APIRouter(tags=["organizations"], route_class=GuardedRoute)


@router.get("/organizations", response_model=DataEnvelope[Organization])
async def get_organization(caller: InCaller) -> Response:
    """Return the organisation of the API key, with its projects."""
    projects = [{"id": identifier, "name": name} for identifier, name in caller.projects]
    return json_response(
        {"data": {"id": caller.organization_id, "name": caller.organization_name, "projects": projects}}
    )


@router.patch("/organizations/{organization_id}/projects/{project_id}", response_model=ProjectUpdated)
async def update_project(
    project: InProject, body: ProjectUpdate, context: InContext, request: Request
) -> Response:
    """Name the project, or set which public models or benchmarks it offers; its custom ones always stay."""
    if body.models is None and body.benchmarks is None and body.name is None:
        raise ApiError(422, "The body sets nothing: give a name, or models or datasets, a list of ids.")
    name = project.name if body.name is None else body.name.strip()
    async with context.database.write() as connection:
        own_models = {row.id for row in await custom.list_models(connection, project.id)}
        own_benchmarks = {row.id for row in await custom.list_benchmarks(connection, project.id)}
        public_models = {model.id for model in catalogue.public_models()}
        public_benchmarks = {entry.id for entry in catalogue.public_benchmarks()}
        await tenants.choose(
            connection,
            project.id,
            model_ids=_chosen("models", body.models, public_models, own_models),
            benchmark_ids=_chosen("datasets", body.benchmarks, public_benchmarks, own_benchmarks),
        )
        if name != project.name:
            await tenants.rename_project(connection, project.id, name)
    cast(KeyCache, request.app.state.keys).drop(project.organization_id)
    return json_response({"id": project.id, "data": {"id": project.id, "name": name}})


def _chosen(field: str, ids: list[str] | None, public: set[str], own: set[str]) -> list[str] | None:
    """Return the public ones among the ids, each once; an id that is neither is an error."""
    if ids is None:
        return None
    unknown = [identifier for identifier in ids if identifier not in public | own]
    if unknown:
        raise invalid(field, f"there is nothing with the id {unknown[0]!r}; take it out of the list.")
    return [identifier for identifier in dict.fromkeys(ids) if identifier in public]
