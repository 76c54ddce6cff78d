"""What clients need to let somebody choose: what is ready, installed and mapped, and tries of models."""

from __future__ import annotations

import io
import time
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from layerlens.models import BenchmarkPreview, InstallProgress, ModelTry, Options
from stratix.storage import chores, tries
from stratix.storage.tables import installations as table


def test_models_say_whether_they_can_be_asked(us: Any) -> None:
    found = {row["key"]: row for row in us.get(f"{us.project}/models")["data"]["models"]}
    assert (found["gpt-4o"]["available"], found["gpt-4o"]["missing_key"]) == (True, "")
    assert found["claude-opus-4"]["available"] is False
    assert found["claude-opus-4"]["missing_key"] == "ANTHROPIC_API_KEY"
    assert float(found["gpt-4o"]["cost_per_input_token"]) > 0
    model_id = us.model(api_key="sk-x")
    assert us.get(f"{us.project}/models/{model_id}")["data"]["has_key"] is True
    assert us.get(f"{us.project}/models/{us.model()}")["data"]["has_key"] is False


def test_options_name_metrics_scorers_and_formats(us: Any) -> None:
    found = Options.model_validate(us.get("/options")["data"])
    judged = {metric.name: metric.judged for metric in found.metrics}
    assert judged["readability"] is False
    assert judged["hallucination"] is True
    assert {"exact", "numeric"} <= set(found.scorers)
    assert {"csv", "jsonl", "parquet"} <= set(found.formats)


def test_a_benchmark_is_installed_in_the_background(us: Any) -> None:
    (entry,) = us.get(f"{us.project}/benchmarks", key="first-steps")["data"]["datasets"]
    path = f"{us.project}/benchmarks/{entry['id']}"
    begun = us.post(f"{path}/install", {"wait": False})["data"]
    assert begun["status"] == "running"
    deadline = time.monotonic() + 20
    while (progress := InstallProgress.model_validate(us.get(f"{path}/install")["data"])).status == "running":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert progress.status == "done"
    found = us.get(path)["data"]
    assert found["installed"] is True
    assert {"name": "capitals", "count": 20} in found["subsets"]
    assert found["installation"]["scorer"] == "includes"


def test_an_installation_whose_server_is_gone_has_failed(us: Any) -> None:
    (entry,) = us.get(f"{us.project}/benchmarks", key="gsm8k")["data"]["datasets"]
    path = f"{us.project}/benchmarks/{entry['id']}/install"
    assert us.get(path)["data"]["status"] == "none"

    async def begin(connection: Any) -> None:
        row = {"benchmark_id": entry["id"], "status": "running", "bytes_done": 5, "error": ""}
        long_ago = time.time() - chores.LEASE_SECONDS - 1
        await connection.execute(table.insert().values(**row, heard_at=long_ago))

    us.server.write(begin)
    found = us.get(path)["data"]
    assert found["status"] == "failed"
    assert "start it again" in found["error"]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_preview_tells_the_columns_even_where_it_cannot_tell_which_is_which(us: Any, kind: str) -> None:
    columns = {"frage": ["1 + 1", "2 + 2"], "antwort": ["2", "4"]}
    if kind == "csv":
        content = b"frage,antwort\n1 + 1,2\n2 + 2,4\n"
    else:
        buffer = io.BytesIO()
        pq.write_table(pa.table(columns), buffer)
        content = buffer.getvalue()
    body = {"name": "P", "file": us.upload(content, f"sums.{kind}"), "dry_run": True}
    refused = us.http.post(f"{us.project}/custom-benchmarks", json=body)
    assert refused.status_code == 422
    assert refused.json()["error"]["columns"] == list(columns)
    mapped = {**body, "mapping": {"input": "frage", "truth": "antwort"}}
    preview = BenchmarkPreview.model_validate(us.post(f"{us.project}/custom-benchmarks", mapped)["data"])
    assert preview.columns == list(columns)
    assert preview.prompts[0].messages[-1]["content"] == "1 + 1"


def test_one_try_of_a_model_at_a_time(us: Any, them: Any) -> None:
    model_id = us.model()
    path = f"{us.project}/models/{model_id}/tries"
    first = ModelTry.model_validate(us.post(path, {"prompt": "Hello"})["data"])
    assert first.status == "pending"
    assert us.http.post(path, json={}).status_code == 409
    assert us.get(f"{path}/{first.id}")["data"]["id"] == first.id
    assert us.http.get(f"{us.project}/models/{us.model()}/tries/{first.id}").status_code == 404
    assert us.http.post(f"{us.project}/models/{them.model()}/tries", json={}).status_code == 404
    taken = us.server.write(lambda connection: tries.claim(connection, "a-worker"))
    assert taken.id == first.id
    # Nobody takes one again whose requests may have been paid.
    assert us.server.write(lambda connection: tries.claim(connection, "another")) is None
    us.server.write(lambda connection: tries.store(connection, first.id, status="done"))
    assert us.get(f"{path}/{first.id}")["data"]["status"] == "done"
    assert us.post(path, {})["data"]["status"] == "pending"


def test_a_model_without_a_key_cannot_be_tried(us: Any) -> None:
    (claude,) = us.get(f"{us.project}/models", key="claude-opus-4-1")["data"]["models"][:1]
    refused = us.http.post(f"{us.project}/models/{claude['id']}/tries", json={})
    assert refused.status_code == 422
    assert "ANTHROPIC_API_KEY" in refused.text
