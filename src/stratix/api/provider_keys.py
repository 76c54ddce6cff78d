"""Keys of model providers: where each comes from, and those that a project stores itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from layerlens.models import DataEnvelope, ProviderKeySet, ProviderList, ProviderStatus
from stratix import catalogue
from stratix.api._auth import InCaller, InProject
from stratix.api._context import Context, InContext
from stratix.api._errors import ApiError
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.catalogue import Provider
from stratix.storage import provider_keys
from stratix.storage.database import Connection, Record
from stratix.storage.vault import masked

router = APIRouter(
    prefix="/organizations/{organization_id}/projects/{project_id}/provider-keys",
    tags=["provider-keys"],
    route_class=GuardedRoute,
)


def _provider(provider: Annotated[str, Path(description="Key of a provider, such as `openai`.")]) -> Provider:
    found = catalogue.providers().get(provider)
    if found is None:
        known = ", ".join(sorted(key for key, entry in catalogue.providers().items() if entry.key_variables))
        raise ApiError(404, f"There is no provider {provider!r}; keys can be stored for {known}.")
    return found


InProvider = Annotated[Provider, Depends(_provider)]


@router.get("", response_model=DataEnvelope[ProviderList])
async def list_provider_keys(project: InProject, context: InContext) -> Response:
    """Return the providers of public models, and where the key of each comes from; never the keys."""
    async with context.database.read() as connection:
        stored = await _stored(connection, project)
    found = [_status(context, provider, stored) for provider in catalogue.providers().values()]
    found.sort(key=lambda status: status.name.casefold())
    return json_response({"data": ProviderList(providers=found).model_dump(mode="json")})


@router.put("/{provider}", response_model=DataEnvelope[ProviderStatus])
async def set_provider_key(
    provider: InProvider, body: ProviderKeySet, project: InProject, caller: InCaller, context: InContext
) -> Response:
    """Store the project's key for a provider, encrypted, in place of one it has.

    It goes before a key in the environment, for all that begins from now on.
    """
    if not provider.key_variables:
        raise ApiError(409, f"{provider.name} wants no key: its models can be asked without one.")
    async with context.database.write() as connection:
        await provider_keys.put(
            connection,
            context.database,
            project.id,
            provider.key,
            secret_encrypted=context.vault.encrypt(body.api_key),
            masked=masked(body.api_key),
            api_key_id=caller.key_id,
        )
        stored = await _stored(connection, project)
    return json_response({"data": _status(context, provider, stored).model_dump(mode="json")})


@router.delete("/{provider}", response_model=DataEnvelope[ProviderStatus])
async def remove_provider_key(provider: InProvider, project: InProject, context: InContext) -> Response:
    """Forget the project's key for a provider; one in the environment is used again."""
    async with context.database.write() as connection:
        if not await provider_keys.remove(connection, project.id, provider.key):
            raise ApiError(404, f"The project has stored no key for {provider.name}.")
    return json_response({"data": _status(context, provider, {}).model_dump(mode="json")})


async def _stored(connection: Connection, project: Record) -> dict[str, Record]:
    return {row.provider: row for row in await provider_keys.list_keys(connection, project.id)}


def _status(context: Context, provider: Provider, stored: Mapping[str, Record]) -> ProviderStatus:
    status = ProviderStatus(
        key=provider.key,
        name=provider.name,
        variables=list(provider.key_variables),
        has_key=True,
        models=sum(model.provider == provider.key for model in catalogue.public_models()),
        docs=provider.docs,
    )
    row = stored.get(provider.key)
    if row is not None:
        status.source, status.masked_key = "project", row.masked
        status.created_at, status.changed_at = row.created_at, row.changed_at
        status.changed_by = row.changed_by or ""
    elif key := provider.key_in(context.environ):
        status.source, status.masked_key = "environment", masked(key)
    else:
        status.has_key = not provider.key_variables
    return status
