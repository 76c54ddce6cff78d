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
    assert found["database_free_bytes"] is None or found["database_free_bytes"] >= 0


def test_storage_counts_the_files_of_the_data_folder_by_kind(lone_server: Any) -> None:
    us, data = lone_server.tenant("Ours"), lone_server.data_dir
    sizes = {
        "columns/results.eval_1.0.1.own.v1.npz": 100,
        "search/eval_1-0-1.fts": 1_000,
        "downloads/of a benchmark/data.jsonl": 10_000,
        "queue.db": 500,
        "queue.db-wal": 50,
    }
    for name, size in sizes.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(b"x" * size)
    found = us.get("/storage")["data"]
    us.http.close()
    kinds = dict(found["files"])
    assert kinds.pop("database") >= found["database_bytes"]
    assert kinds.pop("other") > 0  # The secret key.
    assert kinds == {"columns": 100, "search": 1_000, "downloads": 10_000, "queue": 550}
    assert found["download_bytes"] == 10_000


def test_a_project_can_be_renamed(us: Any) -> None:
    assert us.http.patch(us.project, json={"name": "  New name "}).json()["data"]["name"] == "New name"
    assert us.get("/organizations")["data"]["projects"][0]["name"] == "New name"
    assert us.http.patch(us.project, json={"name": " "}).status_code == 422
    assert us.http.patch(us.project, json={}).status_code == 422
