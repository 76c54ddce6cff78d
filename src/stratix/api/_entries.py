"""Models and benchmarks as the JSON that clients read; `layerlens.models` defines its shape."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from layerlens.models import (
    BenchmarkGeneration,
    CatalogueBenchmark,
    CustomBenchmark,
    CustomModel,
    FewShot,
    GenerationStatus,
    Installation,
    PublicBenchmark,
    PublicModel,
    PublishedScores,
    SubsetSize,
)
from layerlens.models import CatalogueModel as WireCatalogueModel
from stratix import catalogue
from stratix.benchmarks.store import most_shots
from stratix.catalogue import (
    BenchmarkEntry,
    CatalogueModel,
    HuggingFaceSource,
    PackageSource,
    Source,
    Task,
    UrlSource,
    WheelSource,
)
from stratix.storage.database import Record

Json = dict[str, Any]


def public_model(model: CatalogueModel, environ: Mapping[str, str], stored: Collection[str]) -> Json:
    """Return a public model as a project lists it; what is not known has the default of its field.

    Args:
        model: of the catalogue.
        environ: where its provider's API key is looked up.
        stored: the providers whose keys the project has stored.
    """
    known = model.model_dump(mode="json", exclude_none=True)
    served_by = catalogue.provider(model.provider)
    if served_by.key_variables and served_by.key not in stored and not served_by.key_in(environ):
        known |= {"available": False, "missing_key": " or ".join(served_by.key_variables)}
    return PublicModel.model_validate(known).model_dump(by_alias=True)


def catalogue_model(model: CatalogueModel) -> Json:
    """Return a public model as the catalogue shows it; what is not known is left out."""
    known = {name: value for name, value in model.model_dump(mode="json").items() if value not in (None, "")}
    for unknown_when_zero in ("released_at", "parameters"):
        if not known.get(unknown_when_zero):
            known.pop(unknown_when_zero, None)
    shown = WireCatalogueModel.model_validate(known).model_dump(by_alias=True, exclude_none=True)
    return {**shown, "categories": list(model.categories)}


def custom_model(row: Record) -> Json:
    """Return a custom model; its API key and payload stay here."""
    return CustomModel(
        id=row.id,
        key=row.key,
        name=row.name,
        description=row.description,
        organization_id=row.organization_id,
        max_tokens=row.max_tokens,
        api_url=row.api_url,
        disabled=row.disabled,
        cost_per_input_token=row.cost_per_input_token,
        cost_per_output_token=row.cost_per_output_token,
        requests_per_minute=row.requests_per_minute,
        tokens_per_minute=row.tokens_per_minute,
        has_key=row.api_key_encrypted is not None,
        available=not row.disabled,
    ).model_dump(by_alias=True)


def public_benchmark(entry: BenchmarkEntry, version: Record | None) -> Json:
    """Return a public benchmark as a project lists it.

    Args:
        entry: of the catalogue.
        version: that evaluations use; None while it is not installed.
    """
    listed = [SubsetSize(name=name) for name in entry.subsets]
    return PublicBenchmark(
        id=entry.id,
        key=entry.key,
        name=entry.name,
        description=entry.full_description,
        prompt_count=entry.prompt_count,
        language=entry.language,
        categories=list(entry.categories),
        deprecated=entry.deprecated,
        licence=entry.licence,
        citation=entry.citation,
        homepage=entry.homepage,
        scorer=entry.task.scorer.name,
        metric=entry.metric,
        metrics=list(entry.metrics),
        few_shot=_few_shot(entry, version),
        published=[PublishedScores.model_validate(scores.model_dump()) for scores in entry.published],
        characteristics=list(entry.characteristics),
        sources=[_source(source) for source in entry.sources],
        installed=version is not None,
        subsets=_subsets(version) if version is not None else listed,
        installation=_installation(version),
    ).model_dump(by_alias=True)


def catalogue_benchmark(entry: BenchmarkEntry) -> Json:
    """Return a public benchmark as the catalogue shows it."""
    return CatalogueBenchmark(
        id=entry.id,
        key=entry.key,
        name=entry.name,
        description=entry.full_description,
        prompt_count=entry.prompt_count,
        language=entry.language,
        categories=list(entry.categories),
        characteristics=list(entry.characteristics),
        deprecated=entry.deprecated,
    ).model_dump(by_alias=True, exclude_none=True)


def _source(source: Source) -> str:
    """Say where data comes from, as people write it down."""
    match source:
        case UrlSource():
            return source.address
        case HuggingFaceSource():
            return f"https://huggingface.co/datasets/{source.dataset}"
        case PackageSource():
            return "comes with Stratix"
        case WheelSource():
            return f"the package {source.package}"
        case _:
            return f"made by {source.package} {source.version}"


def _few_shot(entry: BenchmarkEntry, version: Record | None) -> FewShot | None:
    if entry.few_shot is None:
        return None
    return FewShot(
        shots=entry.task.shots,
        standard=list(entry.few_shot.standard),
        most=entry.few_shot.most if version is None else most_shots(version),
        origin=entry.few_shot.origin,
    )


def _subsets(version: Record) -> list[SubsetSize]:
    return [SubsetSize.model_validate(subset) for subset in version.subsets]


def _installation(version: Record | None) -> Installation | None:
    if version is None:
        return None
    task = Task.model_validate(version.task)
    return Installation(
        version=str(version.version),
        prompt_count=version.prompt_count,
        installed_at=version.created_at,
        source=version.source,
        template=task.template,
        system=task.system,
        scorer=task.scorer.name,
        scorer_options=task.scorer.options,
        max_tokens=task.generation.max_tokens,
        temperature=task.generation.temperature,
    )


def custom_benchmark(row: Record, version: Record | None, generation: Record | None) -> Json:
    """Return a custom benchmark; what it does not have is left out.

    Args:
        row: of the table.
        version: that evaluations use; None while it is generated.
        generation: how that stands; None for one that nobody generates.
    """
    task = row.task or {}
    scorer = task.get("scorer") or {}
    options = scorer.get("options") or {}
    return CustomBenchmark(
        id=row.id,
        key=row.key,
        name=row.name,
        description=row.description,
        prompt_count=generation.prompts if generation and version is None else row.prompt_count,
        organization_id=row.organization_id,
        system_prompt=generation.instructions if generation else task.get("system") or None,
        version_count=row.version_count,
        regex_pattern=options.get("pattern"),
        custom_instructions=options.get("rubric"),
        scoring_metric=scorer.get("name"),
        metrics=row.metrics,
        files=row.files,
        disabled=row.disabled,
        installed=version is not None,
        subsets=_subsets(version) if version is not None else [],
        installation=_installation(version),
        status="ready" if generation is None else status_of(generation),
        status_description="" if generation is None else generation.status_description,
        generation=generation and BenchmarkGeneration.model_validate(dict(generation._mapping)),
    ).model_dump(by_alias=True, exclude_none=True)


def status_of(generation: Record) -> GenerationStatus:
    """Return how the generation of a benchmark stands; one that waits for a worker is under way too."""
    status: GenerationStatus = "generating" if generation.status == "pending" else generation.status
    return status
