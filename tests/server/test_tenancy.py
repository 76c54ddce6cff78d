"""What belongs to another organisation is not there: every call, with every kind of foreign id."""

from __future__ import annotations

import itertools
import re
from typing import Any

import httpx
import pytest

from stratix.storage import evaluations, scorings

BODIES: dict[str, Any] = {
    "custom-models": {"name": "M", "key": "k", "description": "", "api_url": "http://h/v1", "max_tokens": 1},
    "custom-models/{model_id}": {"max_tokens": 5},
    "custom-benchmarks": {"name": "B", "description": "", "file": "k"},
    "smart-benchmarks": {"name": "B", "description": "", "system_prompt": "p", "files": ["k"]},
    "upload": {"key": "k", "filename": "f.jsonl", "type": "application/jsonl", "size": 1},
    "evaluations": [{"model_id": "m", "dataset_id": "d"}],
    "benchmarks/{benchmark_id}/install": {},
    "models/{model_id}/tries": {"prompt": "Hello"},
    "budgets/{owner_id}": {"usd": 1.0},
    "": {"models": []},
}
PREFIX = "/api/v1/organizations/{organization_id}/projects/{project_id}"


@pytest.fixture
def theirs(them: Any) -> dict[str, str]:
    """The ids of what another organisation has."""
    evaluation_id = them.evaluation()["id"]

    async def scoring(connection: Any) -> str:
        row = await evaluations.get(connection, evaluation_id)
        return str((await scorings.create(connection, row, {"name": "exact", "options": {}}, {})).id)

    return {
        "organization_id": them.organization_id,
        "project_id": them.project_id,
        "model_id": them.model(key="hidden"),
        "benchmark_id": them.benchmark(name="Hidden"),
        "evaluation_id": evaluation_id,
        "scoring_id": them.server.write(scoring),
        "key_id": them.get(f"/organizations/{them.organization_id}/api-keys")["data"]["api_keys"][0]["id"],
    }


def calls(us: Any) -> list[tuple[str, str]]:
    """Return method and path of every call whose path holds an id."""
    paths = httpx.get(f"{us.server.url}/openapi.json").json()["paths"]
    return [
        (method, path)
        for path, methods in paths.items()
        for method in methods
        if "{" in path and not path.startswith("/api/v1/uploads/")
    ]


def test_every_call_with_foreign_ids_is_404(us: Any, theirs: dict[str, str]) -> None:
    ours = {"organization_id": us.organization_id, "project_id": us.project_id}
    unknown = dict.fromkeys(theirs, "nothing-of-this-name")
    tried = 0
    for method, path in calls(us):
        names = re.findall(r"{(\w+)}", path)
        pools = (theirs, unknown, ours)
        choices = [[pool[name] for pool in pools if name in pool] or ["nothing-like-it"] for name in names]
        for values in itertools.product(*choices):
            ids = dict(zip(names, values, strict=True))
            if all(ours.get(name) == value for name, value in ids.items()):
                continue  # All our own: that is what the other tests call.
            body = BODIES.get(path.removeprefix(PREFIX).removeprefix("/api/v1").lstrip("/"))
            url = us.server.url + path.format(**ids)
            answer = us.http.request(method, url, json=body if method in ("post", "patch") else None)
            assert answer.status_code == 404, (method, url, answer.text)
            assert not {"Hidden", "hidden"} & set(answer.text.split('"'))
            tried += 1
    assert tried > 100


def test_foreign_ids_in_queries_and_bodies_are_404(us: Any, them: Any, theirs: dict[str, str]) -> None:
    own = us.evaluation()
    foreign = theirs["evaluation_id"]
    answers = [
        us.http.get("/evaluations", params={"organization_id": theirs["organization_id"]}),
        us.http.get("/evaluations", params={"project_id": theirs["project_id"]}),
        us.http.get(
            "/evaluations",
            params={"organization_id": us.organization_id, "project_id": theirs["project_id"]},
        ),
        us.http.get("/results", params={"evaluation_id": foreign}),
        us.http.get("/results/comparison", params={"evaluation_id_1": own["id"], "evaluation_id_2": foreign}),
        us.http.get("/results/comparison", params={"evaluation_id_1": foreign, "evaluation_id_2": own["id"]}),
        us.http.get(f"/datasets/{theirs['benchmark_id']}/prompts"),
    ]
    for model_id, benchmark_id in (
        (theirs["model_id"], own["dataset_id"]),
        (own["model_id"], theirs["benchmark_id"]),
    ):
        item = {"model_id": model_id, "dataset_id": benchmark_id, "is_custom_model": True}
        answers.append(us.http.post(f"{us.project}/evaluations", json=[item]))
    assert [answer.status_code for answer in answers] == [404] * len(answers)


def test_lists_show_nothing_of_others(us: Any, theirs: dict[str, str]) -> None:
    assert us.get(f"{us.project}/models", type="custom")["data"]["models"] == []
    assert us.get(f"{us.project}/benchmarks", type="custom")["data"]["datasets"] == []
    everything = us.get("/evaluations", organization_id=us.organization_id, page_size=500)
    assert everything == {"evaluations": [], "total_count": 0}
    filtered = us.get("/evaluations", organization_id=us.organization_id, models=theirs["model_id"])
    assert filtered["total_count"] == 0


def test_a_foreign_upload_cannot_be_used(us: Any, them: Any) -> None:
    key = them.upload(b'{"input": "a", "truth": "b"}')
    body = {"name": "Stolen", "description": "", "file": key}
    assert us.http.post(f"{us.project}/custom-benchmarks", json=body).status_code == 422
    assert them.http.post(f"{them.project}/custom-benchmarks", json=body).status_code == 200


def test_the_same_idempotency_key_means_nothing_elsewhere(us: Any, them: Any) -> None:
    headers = {"Idempotency-Key": "the same"}
    ids = {
        tenant.post(f"{tenant.project}/custom-models", BODIES["custom-models"], **headers)["data"]["model_id"]
        for tenant in (us, them)
    }
    assert len(ids) == 2
