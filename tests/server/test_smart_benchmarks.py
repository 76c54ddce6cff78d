"""Asking for benchmarks from documents: what is recorded, what a repeat does, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.server.conftest import running


def body(us: Any, **changed: Any) -> dict[str, Any]:
    """A request that can be met."""
    made = {"name": "Smart", "description": "", "system_prompt": "Ask about heights.", **changed}
    made.setdefault("files", [us.upload(b"The beacon is 40 m high.", "a.txt")])
    made.setdefault("model_id", us.model())
    return made


def refused(us: Any, asked: dict[str, Any]) -> tuple[int, str]:
    answer = us.http.post(f"{us.project}/smart-benchmarks", json=asked)
    return answer.status_code, answer.json()["error"]["message"]


def test_the_benchmark_is_there_at_once(us: Any) -> None:
    model = us.model(key="writer")
    answer = us.post(f"{us.project}/smart-benchmarks", body(us, model_id=model))
    assert answer["status"] == "success"
    assert answer["data"]["organization_id"] == us.organization_id
    assert answer["data"]["project_id"] == us.project_id
    found = us.get(f"{us.project}/benchmarks/{answer['data']['benchmark_id']}")["data"]
    assert (found["status"], found["prompt_count"], found["version_count"]) == ("generating", 0, 0)
    assert (found["system_prompt"], found["files"]) == ("Ask about heights.", ["a.txt"])
    told = found["generation"]
    assert (told["model_id"], told["model_key"], told["done"]) == (model, "writer", 0)
    assert "total" not in told
    (listed,) = us.get(f"{us.project}/benchmarks", type="custom")["data"]["datasets"]
    assert listed == found


def test_a_repeat_makes_one_and_the_files_are_used_once(us: Any) -> None:
    asked = body(us)
    first, again = (
        us.post(f"{us.project}/smart-benchmarks", asked, **{"idempotency-key": "k"}) for _ in range(2)
    )
    assert first == again
    assert len(us.get(f"{us.project}/benchmarks", type="custom")["data"]["datasets"]) == 1
    status, message = refused(us, asked)
    assert status == 422
    assert "or it was used: upload it first" in message


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"files": []}, 422, "files"),
        ({"files": [str(n) for n in range(21)]}, 422, "files"),
        ({"files": ["nowhere"]}, 422, "no file 'nowhere' has been uploaded"),
        ({"model_id": "model_none"}, 404, "model"),
        ({"model_id": None}, 422, "set STRATIX_GENERATOR_MODEL to the key of one"),
        ({"system_prompt": " "}, 422, "say what kind of prompts to generate"),
        ({"system_prompt": "x" * 20_001}, 422, "at most 20000 characters"),
        ({"name": "x" * 65}, 422, "at most 64 characters"),
        ({"max_passages": 5001}, 422, "max_passages"),
        ({"metrics": ["speed"]}, 422, "there is none 'speed'"),
    ],
)
def test_what_cannot_be_met_is_refused_and_nothing_is_made(
    us: Any, changed: dict[str, Any], status: int, said: str
) -> None:
    found, message = refused(us, body(us, **changed))
    assert (found, said in message) == (status, True), message
    assert us.get(f"{us.project}/benchmarks", type="custom")["data"]["datasets"] == []


def test_files_of_other_kinds_and_of_one_name_are_refused(us: Any) -> None:
    status, message = refused(us, body(us, files=[us.upload(b"a: 1", "a.yaml")]))
    assert status == 422
    assert "'a.yaml' must end in one of .txt, .pdf, .html, .docx" in message
    status, message = refused(us, body(us, files=[us.upload(b"A text.", "a.txt"), us.upload(b"B.", "a.txt")]))
    assert status == 422
    assert "two of the files have the same name" in message


def test_a_benchmark_that_nobody_generates_is_neither_cancelled_nor_resumed(us: Any) -> None:
    for what in ("cancel", "resume"):
        answer = us.http.post(f"{us.project}/smart-benchmarks/{us.benchmark()}/{what}")
        assert answer.status_code == 404


def test_the_server_may_name_the_model_that_writes(migrated_sqlite: Path, tmp_path: Path) -> None:
    address = f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'stratix.db')}"
    with running(address, tmp_path, generator_model="our/writer") as server:
        us = server.tenant("Ours")
        assert "generator model 'our/writer' is no model here" in refused(us, body(us, model_id=None))[1]
        model = us.model(key="our/writer")
        made = us.post(f"{us.project}/smart-benchmarks", body(us, model_id=None))["data"]
        found = us.get(f"{us.project}/benchmarks/{made['benchmark_id']}")["data"]
        assert found["generation"]["model_id"] == model
        us.http.close()
