"""The API's answers under the names that people read: on the wire a benchmark is a dataset."""

from __future__ import annotations

from typing import Any


def with_names(evaluation: dict[str, Any]) -> dict[str, Any]:
    """Return an evaluation with its benchmark called so."""
    return {
        **evaluation,
        "benchmark_id": evaluation["dataset_id"],
        "benchmark_name": evaluation["dataset_name"],
    }
