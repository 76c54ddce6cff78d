"""The models of a project."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import httpx

from layerlens._async.resources._base import id_of
from layerlens._async.resources._project import Kind, of_kinds, set_in_project
from layerlens._async.resources._trying import AsyncTrying
from layerlens._config import as_timeout
from layerlens._protocol import Call, body_of
from layerlens.models import (
    AnyModel,
    CreatedModel,
    CustomModel,
    CustomModelCreate,
    CustomModelUpdate,
    DataEnvelope,
    Model,
    ModelList,
    StatusEnvelope,
)


def _price(price: Decimal | float | str | None) -> Decimal | str | None:
    """Return a price with the digits it was written with, which a float's own value has many more of."""
    return Decimal(repr(price)) if isinstance(price, float) else price


class AsyncModels(AsyncTrying):
    """The models that the project can evaluate: public ones, and custom ones of its organisation."""

    async def get(
        self,
        *,
        type: Kind | None = None,
        name: str | None = None,
        key: str | None = None,
        categories: Sequence[str] | None = None,
        companies: Sequence[str] | None = None,
        regions: Sequence[str] | None = None,
        licenses: Sequence[str] | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> list[Model]:
        """List the project's models.

        Args:
            type: `public` or `custom`; None lists both, custom ones first.
            name: part of the name, in any case.
            key: part of the key, in any case.
            categories: categories to keep, such as `open-source` or `size-sm`.
            companies: companies to keep.
            regions: regions to keep.
            licenses: licences to keep.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            The models that fit all that is given; an empty list if none does.

        Raises:
            APIError: the server could not be asked, or refused.
        """
        path = await self._session.project_path("models")

        async def of(kind: Kind) -> list[Model]:
            query = {
                "type": kind,
                "name": name,
                "key": key,
                "categories": categories,
                "companies": companies,
                "regions": regions,
                "licenses": licenses,
            }
            call = Call("GET", path, DataEnvelope[ModelList], query=query, timeout=as_timeout(timeout))
            return list((await self._session.data(call)).models)

        return await of_kinds(type, of)

    async def get_by_id(self, model_id: str, *, timeout: float | httpx.Timeout | None = None) -> Model | None:
        """Fetch a model by its id.

        Args:
            model_id: the model's id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The model, a `PublicModel` or a `CustomModel`; None if there is none of this id.

        Raises:
            APIError: the server could not be asked.
        """
        path = await self._session.project_path("models", model_id)
        return await self._session.data_or_none(
            Call("GET", path, DataEnvelope[AnyModel], timeout=as_timeout(timeout))
        )

    async def get_by_key(self, key: str, *, timeout: float | httpx.Timeout | None = None) -> Model | None:
        """Fetch a model by its exact key.

        Args:
            key: the whole key, such as `gpt-4o`.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            The model, a custom one before a public one; None if there is none of this key.

        Raises:
            APIError: the server could not be asked.
        """
        found = await self.get(key=key, timeout=timeout)
        return next((model for model in found if model.key == key), None)

    async def add(self, *models: Model | str, timeout: float | httpx.Timeout | None = None) -> bool:
        """Add models to the project; those it has already stay.

        Args:
            *models: models, or their ids.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            True once they are in.

        Raises:
            APIError: the server could not be asked, or knows no such model.
        """
        present = [model.id for model in await self.get(timeout=timeout)]
        return await set_in_project(self._session, timeout, models=[*present, *map(id_of, models)])

    async def remove(self, *models: Model | str, timeout: float | httpx.Timeout | None = None) -> bool:
        """Take models out of the project; evaluations of them stay.

        Args:
            *models: models, or their ids.
            timeout: seconds each request may take, in place of the client's setting.

        Returns:
            True once they are out.

        Raises:
            ValueError: one of them is a custom model, which is not taken out but deleted.
            APIError: the server could not be asked, or refused.
        """
        gone = set(map(id_of, models))
        present = await self.get(timeout=timeout)
        own = [model.key for model in present if model.id in gone and isinstance(model, CustomModel)]
        if own:
            raise ValueError(f"{', '.join(own)}: delete a custom model with models.delete_custom()")
        kept = [model.id for model in present if model.id not in gone]
        return await set_in_project(self._session, timeout, models=kept)

    async def create_custom(
        self,
        *,
        name: str,
        key: str,
        description: str = "",
        api_url: str,
        max_tokens: int,
        api_key: str | None = None,
        extra_payload: dict[str, Any] | None = None,
        cost_per_input_token: Decimal | float | str | None = None,
        cost_per_output_token: Decimal | float | str | None = None,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> CreatedModel:
        """Make a custom model of an OpenAI-compatible endpoint and add it to the project.

        Args:
            name: 1 to 256 characters.
            key: 1 to 256 of lowercase letters, digits, `.`, `-`, `/`; unique.
            description: at most 500 characters.
            api_url: full URL of the chat completions endpoint.
            max_tokens: most tokens an answer may have, from 1.
            api_key: the endpoint's key, if it wants one; the server never sends it back.
            extra_payload: merged deeply into every request body, where it wins over the platform's defaults
                (`temperature` 0 among them); may not set `messages`, `model` or `stream`.
            cost_per_input_token: US dollars for a token it reads, such as "0.00000015"; 0 where it is free.
                Without prices nobody knows what an evaluation costs.
            cost_per_output_token: US dollars for a token it writes.
            requests_per_minute: most requests its endpoint allows a minute; all workers keep to it together.
            tokens_per_minute: most tokens, read and written, likewise.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The new model's id, with those of its organisation and project.

        Raises:
            ValueError: an argument breaks a rule; the message says which.
            ConflictError: the key is taken.
            APIError: the server could not be asked, or refused.
        """
        body = body_of(
            CustomModelCreate,
            name=name,
            key=key,
            description=description,
            api_url=api_url,
            max_tokens=max_tokens,
            api_key=api_key,
            extra_payload=extra_payload,
            cost_per_input_token=_price(cost_per_input_token),
            cost_per_output_token=_price(cost_per_output_token),
            requests_per_minute=requests_per_minute,
            tokens_per_minute=tokens_per_minute,
        )
        path = await self._session.project_path("custom-models")
        return await self._session.data(
            Call("POST", path, StatusEnvelope[CreatedModel], body=body, timeout=as_timeout(timeout))
        )

    async def update_custom(
        self,
        model: Model | str,
        *,
        api_url: str | None = None,
        api_key: str | None = None,
        max_tokens: int | None = None,
        extra_payload: dict[str, Any] | None = None,
        cost_per_input_token: Decimal | float | str | None = None,
        cost_per_output_token: Decimal | float | str | None = None,
        requests_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> bool:
        """Change a custom model; what is not given stays.

        Args:
            model: the model, or its id.
            api_url: full URL of the chat completions endpoint.
            api_key: the endpoint's key.
            max_tokens: most tokens an answer may have, from 1.
            extra_payload: in place of the former one; see `create_custom`, as for the prices.
            cost_per_input_token: US dollars for a token it reads.
            cost_per_output_token: US dollars for a token it writes.
            requests_per_minute: most requests its endpoint allows a minute; all workers keep to it together.
            tokens_per_minute: most tokens, read and written, likewise.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            True once it is changed.

        Raises:
            ValueError: an argument breaks a rule, or nothing is given to change.
            NotFoundError: there is no such custom model.
            APIError: the server could not be asked, or refused.
        """
        body = body_of(
            CustomModelUpdate,
            api_url=api_url,
            api_key=api_key,
            max_tokens=max_tokens,
            extra_payload=extra_payload,
            cost_per_input_token=_price(cost_per_input_token),
            cost_per_output_token=_price(cost_per_output_token),
            requests_per_minute=requests_per_minute,
            tokens_per_minute=tokens_per_minute,
        )
        if not body:
            raise ValueError(
                "Nothing to change: give api_url, api_key, max_tokens, extra_payload, prices or limits"
            )
        path = await self._session.project_path("custom-models", id_of(model))
        await self._session.send(
            Call("PATCH", path, DataEnvelope[Any], body=body, timeout=as_timeout(timeout))
        )
        return True

    async def delete_custom(
        self, model: Model | str, *, timeout: float | httpx.Timeout | None = None
    ) -> bool:
        """Disable a custom model and take it out of the project.

        Evaluations of it stay; its key is free again.

        Args:
            model: the model, or its id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            True once it is gone.

        Raises:
            NotFoundError: there is no such custom model.
            APIError: the server could not be asked, or refused.
        """
        path = await self._session.project_path("custom-models", id_of(model))
        await self._session.send(Call("DELETE", path, DataEnvelope[Any], timeout=as_timeout(timeout)))
        return True
