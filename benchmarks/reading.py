"""Reading much: an evaluation of 1,000,000 results, and a list of 100,000 evaluations."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from benchmarks.figure import Figure
from benchmarks.filling import fill
from benchmarks.platform import KEY, Settings, started
from layerlens import Stratix

_PROMPTS, _EPOCHS, _EVALUATIONS = 100_000, 10, 100_000
_LISTS = {
    "": {},
    "sorted by accuracy": {"sort_by": "accuracy"},
    "of a status, sorted by duration": {"status": "failure", "sort_by": "average_duration", "order": "asc"},
    "of two models and a status": {"models": "model_1,model_2", "status": "success", "sort_by": "accuracy"},
    "the latest of each pair": {"unique": "true"},
    "the latest of each pair by accuracy": {"unique": "true", "sort_by": "accuracy", "status": "success"},
}


def measure(database_url: str) -> list[Figure]:
    """Fill a database, start a platform on it and ask; the best of several times counts."""
    with tempfile.TemporaryDirectory(prefix="stratix-bench-") as folder:
        settings = Settings(Path(folder), "http://127.0.0.1:9/v1", 64, database_url)
        url = database_url or f"sqlite:///{folder}/stratix.db"
        big = asyncio.run(fill(url, KEY, _PROMPTS, _EPOCHS, _EVALUATIONS))
        small = asyncio.run(fill(url, KEY, _PROMPTS, 1, 0))
        with started(settings) as (client, _):
            return [*_pages(client, big), *_lists(client), _all(client, small)]


def _pages(client: Stratix, evaluation_id: str) -> list[Figure]:
    count = _PROMPTS * _EPOCHS // 500
    return [
        Figure(
            f"500 results, page {page:,} of {count:,}",
            "30 ms",
            _took(client, "/results", {"evaluation_id": evaluation_id, "page": page, "page_size": 500}),
        )
        for page in (1, count // 2, count)
    ]


def _lists(client: Stratix) -> list[Figure]:
    organization = client.get_organization()
    ids = {"organization_id": organization.id, "project_id": organization.projects[0].id}
    return [
        Figure(
            f"a page of {_EVALUATIONS:,} evaluations{f', {name}' if name else ''}",
            "50 ms",
            _took(client, "/evaluations", {**ids, **query}),
        )
        for name, query in _LISTS.items()
    ]


def _took(client: Stratix, path: str, query: Mapping[str, str | int | bool]) -> str:
    """Return how long an answer takes from sending the request to its last byte."""
    times = []
    with httpx.Client(trust_env=False, headers={"x-api-key": KEY}) as connection:
        for _ in range(10):
            began = time.perf_counter()
            connection.get(f"{client.base_url}{path}", params=query).raise_for_status()
            times.append(1000 * (time.perf_counter() - began))
    return f"{min(times):.0f} ms"


def _all(client: Stratix, evaluation_id: str) -> Figure:
    began = time.perf_counter()
    rows = client.results.get_all_by_id(evaluation_id=evaluation_id)
    assert len(rows) == _PROMPTS, len(rows)
    speed = _PROMPTS / (time.perf_counter() - began)
    return Figure("the client's `results.get_all` of 100,000", "20,000 rows/s", f"{speed:,.0f} rows/s")
