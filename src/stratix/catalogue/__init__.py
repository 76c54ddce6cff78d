"""The catalogue: public models, their providers, and public benchmarks, read from data files."""

from __future__ import annotations

from stratix.catalogue._benchmarks import (
    BenchmarkEntry,
    FewShot,
    PublishedScores,
    public_benchmark,
    public_benchmark_by_key,
    public_benchmarks,
)
from stratix.catalogue._ids import stable_id
from stratix.catalogue._models import CatalogueModel, public_model, public_model_by_key, public_models
from stratix.catalogue._providers import Endpoint, MissingKey, Provider, provider, providers
from stratix.catalogue._sources import (
    FieldMap,
    GeneratorSource,
    HuggingFaceSource,
    PackageSource,
    ReaderSpec,
    Source,
    SourceFile,
    UrlSource,
    WheelSource,
)
from stratix.catalogue._tasks import Example, Generation, ScorerSpec, Task

__all__ = [
    "BenchmarkEntry",
    "CatalogueModel",
    "Endpoint",
    "Example",
    "FewShot",
    "FieldMap",
    "Generation",
    "GeneratorSource",
    "HuggingFaceSource",
    "MissingKey",
    "PackageSource",
    "Provider",
    "PublishedScores",
    "ReaderSpec",
    "ScorerSpec",
    "Source",
    "SourceFile",
    "Task",
    "UrlSource",
    "WheelSource",
    "provider",
    "providers",
    "public_benchmark",
    "public_benchmark_by_key",
    "public_benchmarks",
    "public_model",
    "public_model_by_key",
    "public_models",
    "stable_id",
]
