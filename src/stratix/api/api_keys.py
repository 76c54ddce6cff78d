"""API keys of an organisation: listed, made, revoked."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from layerlens.models import ApiKey, ApiKeyCreate, ApiKeyList, CreatedApiKey, DataEnvelope
from stratix.api._auth import InCaller, KeyCache
from stratix.api._context import InContext
from stratix.api._errors import ApiError, invalid, not_found
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.storage import keys, tenants
from stratix.storage.database import Record

router = APIRouter(
    prefix="/organizations/{organization_id}/api-keys", tags=["api-keys"], route_class=GuardedRoute
)


def _organization(
    caller: InCaller, organization_id: Annotated[str, Path(description="Id of the caller's organisation.")]
) -> str:
    if organization_id != caller.organization_id:
        raise not_found("organization", organization_id)
    return organization_id


InOrganization = Annotated[str, Depends(_organization)]


@router.get("", response_model=DataEnvelope[ApiKeyList])
async def list_api_keys(organization_id: InOrganization, context: InContext) -> Response:
    """Return the organisation's keys that are not revoked, the oldest first; never the keys themselves."""
    async with context.database.read() as connection:
        rows = await keys.list_keys(connection, organization_id)
    return json_response({"data": {"api_keys": list(map(_wire, rows))}})


@router.post("", response_model=DataEnvelope[CreatedApiKey])
async def create_api_key(
    organization_id: InOrganization, body: ApiKeyCreate, caller: InCaller, context: InContext
) -> Response:
    """Make a key; the answer is the only place where it can be read."""
    scopes = {"read", *(scope.value for scope in body.scopes)}
    if beyond := sorted(scopes - caller.scopes):
        raise invalid("scopes", f"your own key may not {', '.join(beyond)}, so it can make none that may")
    api_key = tenants.generate_api_key()
    async with context.database.write() as connection:
        row = await keys.create(connection, organization_id, api_key, body.name.strip(), scopes)
    return json_response({"data": {**_wire(row), "key": api_key}})


@router.delete("/{key_id}", response_model=DataEnvelope[ApiKey])
async def revoke_api_key(
    organization_id: InOrganization, key_id: str, context: InContext, request: Request
) -> Response:
    """Revoke a key for good; within five seconds no server takes it any more."""
    async with context.database.write() as connection:
        rows = {row.id: row for row in await keys.list_keys(connection, organization_id)}
        if key_id not in rows:
            raise not_found("API key", key_id)
        if not any("admin" in row.scopes.split(",") for row in rows.values() if row.id != key_id):
            raise ApiError(
                409, "This is the last key that may manage keys: make another one with the scope admin first."
            )
        await keys.revoke(connection, key_id)
    cast(KeyCache, request.app.state.keys).drop(organization_id)
    return json_response({"data": _wire(rows[key_id])})


def _wire(row: Record) -> dict[str, Any]:
    known = {**row._asdict(), "scopes": row.scopes.split(",")}
    return ApiKey.model_validate({name: known[name] for name in ApiKey.model_fields}).model_dump(mode="json")
