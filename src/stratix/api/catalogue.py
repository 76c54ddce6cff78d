"""The public catalogue: every public model and benchmark, whatever a project has chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Query
from starlette.responses import Response

from layerlens.models import (
    CatalogueBenchmarkList,
    CatalogueModelList,
    PromptList,
    SortOrder,
    StatusEnvelope,
)
from stratix import catalogue
from stratix.api import _entries
from stratix.api._auth import InCaller
from stratix.api._context import InContext
from stratix.api._errors import not_found
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api._paging import InPage, Listed, listed, overlaps
from stratix.api._selection import search
from stratix.api.benchmarks import InWanted, prompts_response
from stratix.catalogue import BenchmarkEntry, CatalogueModel

T = TypeVar("T", CatalogueModel, BenchmarkEntry)

ModelSort = Literal[
    "name", "created_at", "released_at", "architecture_type", "context_length", "license", "region"
]
Part = Annotated[str | None, Query(description="Part of the text, any case.")]

router = APIRouter(tags=["catalogue"], route_class=GuardedRoute)


@router.get("/models", response_model=CatalogueModelList)
async def list_public_models(
    caller: InCaller,
    page: InPage,
    query: Part = None,
    name: Part = None,
    key: Part = None,
    ids: Listed = None,
    categories: Listed = None,
    companies: Listed = None,
    regions: Listed = None,
    licenses: Listed = None,
    sizes: Listed = None,
    sort_by: ModelSort | None = None,
    order: SortOrder = "asc",
    include_deprecated: bool = False,
) -> Response:
    """Return one page of the public models, with the values that the filters can take."""
    wanted = set(listed(ids))
    models = [model for model in catalogue.public_models() if include_deprecated or not model.deprecated]
    found = [
        model
        for model in search(models, name, key)
        if _mentions(query, model.name, model.key, model.company, model.description)
        and (not wanted or model.id in wanted)
        and overlaps(categories, model.categories)
        and overlaps(companies, [model.company])
        and overlaps(regions, [model.region])
        and overlaps(licenses, [model.license])
        and overlaps(sizes, [model.size or ""])
    ]
    # Nothing tells when a model entered the catalogue; its release stands for it.
    field = "released_at" if sort_by == "created_at" else sort_by
    if field is not None:
        found = _sorted(found, lambda model: getattr(model, field), order)
    elif order == "desc":
        found.reverse()
    shown = list(map(_entries.catalogue_model, page.of(found)))
    return json_response(
        {
            "models": shown,
            "categories": _values(category for model in models for category in model.categories),
            "companies": _values(model.company for model in models),
            "regions": _values(model.region for model in models),
            "licenses": _values(model.license for model in models),
            "sizes": _values(model.size for model in models),
            "count": len(shown),
            "total_count": len(found),
        }
    )


@router.get("/datasets", response_model=CatalogueBenchmarkList)
async def list_public_benchmarks(
    caller: InCaller,
    page: InPage,
    query: Part = None,
    name: Part = None,
    key: Part = None,
    ids: Listed = None,
    categories: Listed = None,
    languages: Listed = None,
    sort_by: Literal["name"] | None = None,
    order: SortOrder = "asc",
    include_deprecated: bool = False,
) -> Response:
    """Return one page of the public benchmarks, with the values that the filters can take."""
    wanted = set(listed(ids))
    entries = [entry for entry in catalogue.public_benchmarks() if include_deprecated or not entry.deprecated]
    found = [
        entry
        for entry in search(entries, name, key)
        if _mentions(query, entry.name, entry.key, entry.full_description)
        and (not wanted or entry.id in wanted)
        and overlaps(categories, entry.categories)
        and overlaps(languages, [entry.language])
    ]
    if sort_by is not None:
        found = _sorted(found, lambda entry: entry.name, order)
    elif order == "desc":
        found.reverse()
    shown = list(map(_entries.catalogue_benchmark, page.of(found)))
    return json_response(
        {
            "datasets": shown,
            "categories": _values(category for entry in entries for category in entry.categories),
            "languages": _values(entry.language for entry in entries),
            "count": len(shown),
            "total_count": len(found),
        }
    )


@router.get("/datasets/{benchmark_id}/prompts", response_model=StatusEnvelope[PromptList])
async def list_public_prompts(
    benchmark_id: str,
    caller: InCaller,
    context: InContext,
    page: InPage,
    wanted: InWanted,
) -> Response:
    """Return one page of a public benchmark's prompts and the number of all that match."""
    entry = catalogue.public_benchmark(benchmark_id)
    if entry is None:
        raise not_found("benchmark", benchmark_id)
    return await prompts_response(context, entry, page, wanted)


def _mentions(query: str | None, *texts: str) -> bool:
    wanted = (query or "").casefold()
    return any(wanted in text.casefold() for text in texts)


def _sorted(items: list[T], field: Callable[[T], Any], order: SortOrder) -> list[T]:
    """Sort by a field; items that do not have it come last whatever the order."""
    having = [item for item in items if field(item)]
    lacking = [item for item in items if not field(item)]

    def value(item: T) -> Any:
        found = field(item)
        return found.casefold() if isinstance(found, str) else found

    having.sort(key=lambda item: item.name.casefold())
    return sorted(having, key=value, reverse=order == "desc") + lacking


def _values(values: Iterable[str | None]) -> list[str]:
    return sorted({value for value in values if value}, key=str.casefold)
