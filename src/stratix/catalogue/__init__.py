"""The catalogue: public models, their providers, and public benchmarks, read from data files."""

from __future__ import annotations

from stratix.catalogue._ids import stable_id
from stratix.catalogue._models import CatalogueModel, public_model, public_model_by_key, public_models
from stratix.catalogue._providers import Endpoint, MissingKey, Provider, provider, providers

__all__ = [
    "CatalogueModel",
    "Endpoint",
    "MissingKey",
    "Provider",
    "provider",
    "providers",
    "public_model",
    "public_model_by_key",
    "public_models",
    "stable_id",
]
