"""Models and benchmarks as the pages show them."""

from __future__ import annotations

from typing import Any

SIZES = {
    "size-sm": "under 10 B",
    "size-md": "10 to 50 B",
    "size-lg": "50 to 200 B",
    "size-xl": "200 B and more",
}
"""How sizes are written, in parameters."""

REGIONS = {"usa": "USA", "uae": "UAE", "uk": "United Kingdom", "eu": "European Union"}
LANGUAGES = {
    "en": "English",
    "zh": "Chinese",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "ja": "Japanese",
    "ko": "Korean",
    "ar": "Arabic",
    "ru": "Russian",
    "hi": "Hindi",
    "pt": "Portuguese",
    "it": "Italian",
    "mul": "several",
}
OWN = "Your own"
"""Stands as the company of custom models, and as the category of custom benchmarks."""


def model(found: dict[str, Any]) -> dict[str, Any]:
    """Return a model as the API has it, with what pages say of it."""
    is_custom = "organization_id" in found
    unknown = {"parameters": 0, "context_length": 0, "license": "", "released_at": 0}
    return {
        **unknown,
        **found,
        "is_custom": is_custom,
        "maker": OWN if is_custom else found["company"],
        "size_name": SIZES.get(found.get("size", ""), ""),
        "region_name": _region(found.get("region", "")),
        "input_price": _per_million(found["cost_per_input_token"]),
        "output_price": _per_million(found["cost_per_output_token"]),
        "weights": "" if is_custom else "open" if found["open_weights"] else "closed",
        "state": "ready" if found["available"] else "no key",
    }


def benchmark(found: dict[str, Any]) -> dict[str, Any]:
    """Return a benchmark as the API has it, with what pages say of it."""
    is_custom = "organization_id" in found
    code = found.get("language", "")
    unknown: dict[str, Any] = {
        "licence": "",
        "characteristics": [],
        "published": [],
        "deprecated": False,
        "installation": None,
        "generation": None,
        "status": "ready",
    }
    return {
        **unknown,
        **found,
        "is_custom": is_custom,
        "about": found.get("description" if is_custom else "full_description", ""),
        "kinds": [OWN] if is_custom else [name.replace("-", " ") for name in found["categories"]],
        "language_name": LANGUAGES.get(code, code),
        "state": "installed" if found["installed"] else found.get("status", "not installed"),
        "scored_by": found.get("scoring_metric" if is_custom else "scorer", ""),
    }


def _region(key: str) -> str:
    return REGIONS.get(key, key.title())


def _per_million(cost: str | None) -> float | None:
    return float(cost) * 1e6 if cost else None
