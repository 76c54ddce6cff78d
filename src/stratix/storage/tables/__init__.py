"""The tables, one subject a file; migrations bring a database to this shape."""

from __future__ import annotations

from stratix.storage.tables._base import metadata, schema_versions
from stratix.storage.tables.background import imports, installations, model_tries, verifications
from stratix.storage.tables.benchmarks import benchmark_versions, prompts
from stratix.storage.tables.evaluations import (
    NEEDS_ATTENTION,
    deaths,
    earlier_results,
    evaluations,
    holds,
    results,
)
from stratix.storage.tables.running import (
    budget_leases,
    budgets,
    cached_answers,
    counters,
    endpoint_shares,
    workers,
)
from stratix.storage.tables.scorings import original_verdicts, scoring_rows, scorings
from stratix.storage.tables.smart import smart_benchmarks, smart_files, smart_passages
from stratix.storage.tables.tenants import (
    api_keys,
    custom_benchmarks,
    custom_models,
    idempotency_keys,
    organizations,
    projects,
    provider_keys,
    uploads,
)

__all__ = [
    "NEEDS_ATTENTION",
    "api_keys",
    "benchmark_versions",
    "budget_leases",
    "budgets",
    "cached_answers",
    "counters",
    "custom_benchmarks",
    "custom_models",
    "deaths",
    "earlier_results",
    "endpoint_shares",
    "evaluations",
    "holds",
    "idempotency_keys",
    "imports",
    "installations",
    "metadata",
    "model_tries",
    "organizations",
    "original_verdicts",
    "projects",
    "prompts",
    "provider_keys",
    "results",
    "schema_versions",
    "scoring_rows",
    "scorings",
    "smart_benchmarks",
    "smart_files",
    "smart_passages",
    "uploads",
    "verifications",
    "workers",
]
