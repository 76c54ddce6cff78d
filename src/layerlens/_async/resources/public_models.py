"""The models of the public catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import httpx

from layerlens._async.resources._base import AsyncResource, check_page
from layerlens._config import as_timeout
from layerlens._protocol import Call
from layerlens.models import (
    MAX_PAGE_SIZE,
    CatalogueModel,
    CatalogueModelList,
    CatalogueModelsResponse,
    Pagination,
    SortOrder,
)

CatalogueModelSort = Literal[
    "name", "created_at", "released_at", "architecture_type", "context_length", "license", "region"
]


class AsyncPublicModels(AsyncResource):
    """The models of the public catalogue, with all that is known of them."""

    async def get(
        self,
        *,
        query: str | None = None,
        name: str | None = None,
        key: str | None = None,
        ids: Sequence[str] | None = None,
        categories: Sequence[str] | None = None,
        companies: Sequence[str] | None = None,
        regions: Sequence[str] | None = None,
        licenses: Sequence[str] | None = None,
        sizes: Sequence[str] | None = None,
        sort_by: CatalogueModelSort | None = None,
        order: SortOrder | None = None,
        page: int | None = None,
        page_size: int | None = None,
        include_deprecated: bool | None = None,
        timeout: float | httpx.Timeout | None = None,
    ) -> CatalogueModelsResponse:
        """Fetch a page of the catalogue's models.

        Args:
            query: text to find in a model's words.
            name: part of the name, in any case.
            key: part of the key, in any case.
            ids: ids to keep.
            categories: categories to keep, such as `open-source` or `size-sm`.
            companies: companies to keep.
            regions: regions to keep.
            licenses: licences to keep.
            sizes: sizes to keep.
            sort_by: the field to sort by.
            order: `asc` or `desc`.
            page: page number from 1; None is 1.
            page_size: models a page, 1 to 500; None is 100.
            include_deprecated: True lists deprecated models too.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The models of the page, the values that filters can take, and where the page stands.

        Raises:
            ValueError: `page` or `page_size` is out of range.
            APIError: the server could not be asked, or refused.
        """
        check_page(page, page_size)
        parameters = {
            "query": query,
            "name": name,
            "key": key,
            "ids": ids,
            "categories": categories,
            "companies": companies,
            "regions": regions,
            "licenses": licenses,
            "sizes": sizes,
            "sort_by": sort_by,
            "order": order,
            "page": page,
            "page_size": page_size,
            "include_deprecated": include_deprecated,
        }
        answer = await self._session.send(
            Call("GET", "/models", CatalogueModelList, query=parameters, timeout=as_timeout(timeout))
        )
        return CatalogueModelsResponse(
            **dict(answer), pagination=Pagination.of(page, page_size, answer.total_count)
        )

    async def get_by_id(
        self, model_id: str, *, timeout: float | httpx.Timeout | None = None
    ) -> CatalogueModel | None:
        """Fetch a model by its id, deprecated or not.

        Args:
            model_id: the model's id.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The model, or None if there is none of this id.

        Raises:
            APIError: the server could not be asked.
        """
        answer = await self.get(ids=[model_id], include_deprecated=True, timeout=timeout)
        return next((model for model in answer.models if model.id == model_id), None)

    async def get_by_key(
        self, key: str, *, timeout: float | httpx.Timeout | None = None
    ) -> CatalogueModel | None:
        """Fetch a model by its exact key, deprecated or not.

        Args:
            key: the whole key, such as `gpt-4o`.
            timeout: seconds the request may take, in place of the client's setting.

        Returns:
            The model, or None if there is none of this key.

        Raises:
            APIError: the server could not be asked.
        """
        answer = await self.get(key=key, page_size=MAX_PAGE_SIZE, include_deprecated=True, timeout=timeout)
        return next((model for model in answer.models if model.key == key), None)
