"""What a project offers, and how lists of models and benchmarks are searched."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from stratix import catalogue
from stratix.api._context import Context
from stratix.api._errors import ApiError, invalid
from stratix.catalogue import BenchmarkEntry, CatalogueModel, MissingKey
from stratix.storage import custom, provider_keys, smart
from stratix.storage.database import Connection, Record


class Named(Protocol):
    """Whatever has a name and a key."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def key(self) -> str:
        """Its short name."""


T = TypeVar("T", bound=Named)


def search(items: Iterable[T], name: str | None = None, key: str | None = None) -> list[T]:
    """Return the items whose name and key contain the texts given, any case.

    What one is asked for by its full name or key comes first; the rest follows by name.
    """
    wanted_name, wanted_key = (name or "").casefold(), (key or "").casefold()
    found = [
        item for item in items if wanted_name in item.name.casefold() and wanted_key in item.key.casefold()
    ]

    def rank(item: T) -> tuple[bool, str, str]:
        named, keyed = item.name.casefold(), item.key.casefold()
        return wanted_name not in (named, keyed) and wanted_key != keyed, named, keyed

    return sorted(found, key=rank)


def offered_models(project: Record) -> list[CatalogueModel]:
    """Return the public models of a project: those it chose, or all."""
    chosen = None if project.model_ids is None else set(project.model_ids)
    return [model for model in catalogue.public_models() if chosen is None or model.id in chosen]


def offered_benchmarks(project: Record) -> list[BenchmarkEntry]:
    """Return the public benchmarks of a project: those it chose, or all."""
    chosen = None if project.benchmark_ids is None else set(project.benchmark_ids)
    return [entry for entry in catalogue.public_benchmarks() if chosen is None or entry.id in chosen]


async def find_model(
    connection: Connection, project: Record, model_id: str
) -> CatalogueModel | Record | None:
    """Find a model of a project by id: one of the catalogue, or a row of its custom ones."""
    model = catalogue.public_model(model_id)
    if model is None:
        return await custom.get_model(connection, project.id, model_id)
    return model if project.model_ids is None or model_id in project.model_ids else None


async def find_benchmark(
    connection: Connection, project: Record, benchmark_id: str
) -> BenchmarkEntry | Record | None:
    """Find a benchmark of a project by id: one of the catalogue, or a row of its custom ones."""
    entry = catalogue.public_benchmark(benchmark_id)
    if entry is None:
        return await custom.get_benchmark(connection, project.id, benchmark_id)
    return entry if project.benchmark_ids is None or benchmark_id in project.benchmark_ids else None


async def check_generated(connection: Connection, benchmark: BenchmarkEntry | Record) -> None:
    """See that a benchmark is not one that is still generated from documents, or could not be.

    Raises:
        ApiError: 409, it is.
    """
    found = None if isinstance(benchmark, BenchmarkEntry) else await smart.get(connection, benchmark.id)
    if found is None or found.status == "ready":
        return
    if found.status == "failed":
        raise ApiError(409, f"{benchmark.name!r} could not be generated: {found.status_description}")
    if found.status == "paused":
        raise ApiError(409, f"{benchmark.name!r} is not generated yet. {found.status_description}")
    far = f"{found.done} of {found.total} passages are done" if found.total else "its files are being read"
    raise ApiError(409, f"{benchmark.name!r} is still being generated ({far}): wait until it is ready.")


async def company_of(
    connection: Connection, context: Context, project: Record, field: str, model: CatalogueModel | Record
) -> str:
    """Return who made a model that the project can ask now; "" for a custom one.

    Raises:
        ApiError: 422 for that field: the model was deleted, or there is no key for its provider.
    """
    if not isinstance(model, CatalogueModel):
        if model.disabled:
            raise invalid(field, f"{model.name!r} was deleted: choose another model")
        return ""
    try:
        catalogue.provider(model.provider).resolve(context.environ)
    except MissingKey as error:
        if model.provider not in await provider_keys.stored(connection, project.id):
            raise invalid(field, str(error)) from None
    return model.company
