"""What is kept, and the project's name."""

from __future__ import annotations

from typing import Any


def test_storage_counts_what_the_organisation_has(us: Any, them: Any) -> None:
    them.evaluation()
    us.evaluation(model_id=us.model(), dataset_id=us.benchmark())
    found = us.get("/storage")["data"]
    rows = {"evaluations": 1, "results": 0, "custom_models": 1, "custom_benchmarks": 1, "cached_answers": 0}
    assert found["rows"] == rows
    assert found["database_bytes"] > 10_000


def test_a_project_can_be_renamed(us: Any) -> None:
    assert us.http.patch(us.project, json={"name": "  New name "}).json()["data"]["name"] == "New name"
    assert us.get("/organizations")["data"]["projects"][0]["name"] == "New name"
    assert us.http.patch(us.project, json={"name": " "}).status_code == 422
    assert us.http.patch(us.project, json={}).status_code == 422
