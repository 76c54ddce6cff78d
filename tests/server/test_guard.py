"""What is looked at before a call is: the key, then the query, then the body."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

JSON = {"content-type": "application/json"}


def refused(us: Any, body: bytes) -> str:
    answer = us.http.post(f"{us.project}/custom-models", content=body, headers=JSON)
    assert answer.status_code == 422, answer.text
    assert len(answer.text) < 500
    message = str(answer.json()["error"]["message"])
    assert message.startswith("body: ")
    return message


def test_the_key_is_asked_for_before_the_body_is_read(us: Any) -> None:
    schema = httpx.get(f"{us.server.url}/openapi.json").json()
    calls = [
        (method, re.sub(r"\{\w+\}", "x", path))
        for path, methods in schema["paths"].items()
        for method in methods
        if path.startswith("/api/v1/") and "/uploads/" not in path
    ]
    assert {method for method, _ in calls} >= {"get", "post", "patch", "delete"}
    for method, path in calls:
        for headers in (JSON, {**JSON, "x-api-key": "sk-of-nobody"}):
            answer = httpx.request(method, us.server.url + path, content=b"{bad json", headers=headers)
            assert answer.status_code == 401, (method, path, answer.text)


def test_a_bearer_token_is_a_key_too(us: Any) -> None:
    headers = {**JSON, "authorization": f"Bearer {us.api_key}"}
    url = f"{us.server.url}/api/v1{us.project}/custom-models"
    assert httpx.post(url, content=b"{bad json", headers=headers).status_code == 422


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (
            "/evaluations",
            "organization_id=&project_id=&status=&sort_by=&order=&models=&datasets=&unique=&page=&page_size=",
        ),
        ("/evaluations", "organization_id={organization}&status&sort_by"),
        ("{project}/models", "type=&name=&key="),
        ("{project}/benchmarks", "type=&languages="),
        ("/models", "sort_by=&order=&include_deprecated="),
        ("/datasets", "query=&sort_by=&"),
        (
            "{project}/benchmarks/{benchmark}/prompts",
            "page=&page_size=&sort_by=&sort_order=&search=&search_value=",
        ),
    ],
)
def test_an_empty_query_value_is_none(us: Any, path: str, query: str) -> None:
    known = {"project": us.project, "organization": us.organization_id, "benchmark": us.benchmark()}
    answer = us.http.get(f"{path}?{query}".format(**known))
    assert answer.status_code == 200, answer.text


def test_none_of_httpx_is_none(us: Any) -> None:
    wanted = us.evaluation()["id"]
    query = {"organization_id": us.organization_id, "status": None, "sort_by": None, "page": None}
    assert [one["id"] for one in us.get("/evaluations", **query)["evaluations"]] == [wanted]
    ids = {"evaluation_id_1": wanted, "evaluation_id_2": wanted}
    assert us.get("/results/comparison", **ids, outcome_filter=None, search=None)["results"] == []


def test_a_value_that_ends_in_an_equals_sign_stays(us: Any) -> None:
    rows = [{"input": "1 + 1 =", "truth": "2"}, {"input": "one", "truth": "1"}]
    path = f"{us.project}/benchmarks/{us.benchmark(rows)}/prompts"
    for query in ("search_value==", "search_value=%2B%201%20="):
        found = us.http.get(f"{path}?{query}").json()["data"]
        assert [prompt["truth"] for prompt in found["prompts"]] == ["2"]


def test_an_empty_value_that_is_needed_is_missing(us: Any) -> None:
    answer = us.http.get("/results?evaluation_id=")
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "evaluation_id: Field required"


MODEL = {"name": "M", "key": "k", "description": "", "api_url": "http://h/v1", "max_tokens": 1}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("name", ["é", "\0"])
def test_a_body_in_another_encoding_is_refused(us: Any, encoding: str, name: str) -> None:
    body = json.dumps({**MODEL, "name": name}, ensure_ascii=False).encode(encoding)
    refused(us, body)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" * 400, "1" * 5000])
def test_a_number_that_json_has_not_is_refused(us: Any, number: str) -> None:
    body = json.dumps({**MODEL, "extra_payload": {"a": "X"}}).replace('"X"', number)
    refused(us, body.encode())


def test_a_body_nested_too_deep_is_refused_in_words(us: Any) -> None:
    deep = b'{"extra_payload": ' + b'{"a": ' * 5000 + b"1" + b"}" * 5001
    assert "depth limit" in refused(us, deep)


def test_a_large_number_is_not_repeated(us: Any) -> None:
    body = {"key": "k", "filename": "f.jsonl", "type": "application/jsonl", "size": 10**300}
    answer = us.http.post(f"{us.project}/upload", json=body)
    assert answer.status_code == 413
    assert answer.json()["error"]["message"].startswith("size: ")
    assert len(answer.text) < 500
