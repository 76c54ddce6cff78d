"""Custom models: any endpoint that speaks OpenAI's chat completions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from layerlens.models import (
    CreatedModel,
    CustomModel,
    CustomModelCreate,
    CustomModelUpdate,
    DataEnvelope,
    StatusEnvelope,
)
from stratix import catalogue
from stratix.api import _entries
from stratix.api._auth import InProject
from stratix.api._context import InContext
from stratix.api._creation import InCreation
from stratix.api._errors import ApiError, invalid, not_found
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.storage import custom
from stratix.storage.database import Connection

MAX_TOKENS = 10_000_000
MAX_URL = 2048
MAX_API_KEY = 4096
MAX_PAYLOAD_BYTES = 64 * 1024

router = APIRouter(
    prefix="/organizations/{organization_id}/projects/{project_id}/custom-models",
    tags=["models"],
    route_class=GuardedRoute,
)


@router.post("", response_model=StatusEnvelope[CreatedModel])
async def create_custom_model(
    body: CustomModelCreate, project: InProject, context: InContext, creation: InCreation
) -> Response:
    """Add a model by the URL of its chat completions endpoint; its API key is stored encrypted."""
    _check(body)

    async def work(connection: Connection) -> dict[str, Any]:
        if any(model.key == body.key for model in catalogue.public_models()):
            raise ApiError(409, f"key: {body.key!r} is the key of a public model; take another.")
        row = await custom.add_model(
            connection,
            context.database,
            organization_id=project.organization_id,
            project_id=project.id,
            key=body.key,
            name=body.name,
            description=body.description,
            api_url=body.api_url,
            max_tokens=body.max_tokens,
            extra_payload=body.extra_payload,
            cost_per_input_token=_price(body.cost_per_input_token),
            cost_per_output_token=_price(body.cost_per_output_token),
            requests_per_minute=body.requests_per_minute,
            tokens_per_minute=body.tokens_per_minute,
            api_key_encrypted=context.vault.encrypt(body.api_key) if body.api_key else None,
        )
        if row is None:
            raise ApiError(
                409,
                f"key: the project has a model with the key {body.key!r}; take another or delete that one.",
            )
        created = {"organization_id": row.organization_id, "project_id": row.project_id, "model_id": row.id}
        return {"status": "success", "data": created}

    return await creation.run(work)


@router.patch("/{model_id}", response_model=DataEnvelope[CustomModel])
async def update_custom_model(
    model_id: str, body: CustomModelUpdate, project: InProject, context: InContext
) -> Response:
    """Change what is given; `api_key`, `extra_payload`, prices and limits are taken away by null."""
    _check(body)
    given = body.model_dump(include={"api_url", "max_tokens"}, exclude_none=True)
    for name in ("cost_per_input_token", "cost_per_output_token"):
        if name in body.model_fields_set:
            given[name] = _price(getattr(body, name))
    for name in ("extra_payload", "requests_per_minute", "tokens_per_minute"):
        if name in body.model_fields_set:
            given[name] = getattr(body, name)
    if "api_key" in body.model_fields_set:
        given["api_key_encrypted"] = context.vault.encrypt(body.api_key) if body.api_key else None
    if not given:
        raise ApiError(
            422,
            "The body changes nothing: give api_url, api_key, max_tokens, extra_payload, the prices "
            "cost_per_input_token and cost_per_output_token, or the limits requests_per_minute and "
            "tokens_per_minute.",
        )
    async with context.database.write() as connection:
        row = await custom.get_model(connection, project.id, model_id)
        if row is None:
            raise not_found("custom model", model_id)
        if row.disabled:
            raise ApiError(409, f"The model {row.name!r} was deleted: create it again to change it.")
        changed = await custom.change_model(connection, project.id, model_id, given)
    return json_response({"data": _entries.custom_model(changed or row)})


@router.delete("/{model_id}", response_model=DataEnvelope[CustomModel])
async def delete_custom_model(model_id: str, project: InProject, context: InContext) -> Response:
    """Take a model out of the project, free its key and forget its API key; evaluations stay."""
    values = {"disabled": True, "api_key_encrypted": None}
    async with context.database.write() as connection:
        row = await custom.change_model(connection, project.id, model_id, values)
    if row is None:
        raise not_found("custom model", model_id)
    return json_response({"data": _entries.custom_model(row)})


def _check(body: CustomModelCreate | CustomModelUpdate) -> None:
    """Check what the shared schema leaves to the server: sizes, and secrets in the wrong place."""
    if body.max_tokens is not None and body.max_tokens > MAX_TOKENS:
        raise invalid("max_tokens", f"must be at most {MAX_TOKENS}")
    if body.api_key is not None and len(body.api_key) > MAX_API_KEY:
        raise invalid("api_key", f"must have at most {MAX_API_KEY} characters")
    if body.api_key is not None and not all(" " < letter <= "~" for letter in body.api_key.strip()):
        raise invalid("api_key", "may hold visible ASCII characters only: it is sent in a header")
    if body.api_url is not None:
        _check_url(body.api_url)
    if body.extra_payload is not None:
        try:
            size = len(orjson.dumps(body.extra_payload))
        except (TypeError, ValueError):
            raise invalid("extra_payload", "holds text or a number that JSON cannot carry") from None
        if size > MAX_PAYLOAD_BYTES:
            raise invalid("extra_payload", f"must be at most {MAX_PAYLOAD_BYTES // 1024} KB of JSON")


def _price(dollars: Decimal | None) -> str | None:
    return None if dollars is None else f"{dollars.normalize():f}"


def _check_url(url: str) -> None:
    if len(url) > MAX_URL:
        raise invalid("api_url", f"must have at most {MAX_URL} characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise invalid("api_url", "is no URL: check the host and the port") from None
    if not parts.hostname or port == 0 or any(letter.isspace() for letter in url):
        raise invalid("api_url", "is no URL: check the host and the port")
    if parts.username is not None or parts.password is not None:
        raise invalid("api_url", "carries a user name or password, which would be shown: put it into api_key")
