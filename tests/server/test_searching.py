"""Searching finds what is in the text, alike on both databases; long lists and values are taken or named."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import pytest

MESSAGES = [{"role": "user", "content": 'Say "now"\nor NIÉ'}]
ROWS: list[dict[str, Any]] = [
    {"input": 'He said "yes"\nand left', "truth": "quote"},
    {"input": "ÄRGER in der STRASSE", "truth": "Übermut"},
    {"input": "ΟΔΟΣΑ, odd", "truth": "sigma"},
    {"input": "C:\\new\\table", "truth": "path"},
    {"input": "plain", "truth": "ПРИВЕТ"},
]


def get(us: Any, path: str) -> tuple[int, Any]:
    """Call an address that is longer than httpx takes."""
    connection = HTTPConnection(us.server.url.removeprefix("http://"), timeout=30)
    try:
        connection.request("GET", f"/api/v1{path}", headers={"x-api-key": us.api_key})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def found(us: Any, path: str, **query: str) -> list[str]:
    data = us.get(path, **query)["data"]
    truths = [prompt["truth"] for prompt in data["prompts"]]
    assert data["count"] == len(truths)
    return truths


@pytest.mark.parametrize(
    ("value", "truths"),
    [
        ('"yes"', ["quote"]),
        ('"YES"\nAND', ["quote"]),
        ('"', ["quote"]),
        ("\n", ["quote"]),
        ("ärger", ["Übermut"]),
        ("οδοσ", ["sigma"]),
        ("ΟΔΟΣ", ["sigma"]),
        ("\\new", ["path"]),
        ("\\n", ["path"]),
        ("plai", ["ПРИВЕТ"]),
        ("%", []),
    ],
)
def test_inputs_are_searched_as_they_read(us: Any, value: str, truths: list[str]) -> None:
    path = f"{us.project}/benchmarks/{us.benchmark(ROWS)}/prompts"
    assert found(us, path, search_value=value) == truths


def test_messages_are_searched_as_they_read(us: Any) -> None:
    rows = [{"input": MESSAGES, "truth": "yes"}]
    path = f"{us.project}/benchmarks/{us.benchmark(rows, input_type='messages')}/prompts"
    for value in ('say "NOW"', '"now"\nOR', "nié", "user"):
        assert found(us, path, search_value=value) == ["yes"]
    assert found(us, path, search_value="now or") == []


@pytest.mark.parametrize(("value", "truths"), [("übermut", ["Übermut"]), ("Привет", ["ПРИВЕТ"]), ("x", [])])
def test_truths_are_searched_in_any_case(us: Any, value: str, truths: list[str]) -> None:
    path = f"{us.project}/benchmarks/{us.benchmark(ROWS)}/prompts"
    assert found(us, path, search="truth", search_value=value) == truths


def test_the_longest_value_is_searched_and_a_longer_one_named(us: Any) -> None:
    path = f"{us.project}/benchmarks/{us.benchmark(ROWS)}/prompts"
    for letter in ("\x01", "%", "İ"):
        assert found(us, path, search_value=letter * 8000) == []
    answer = us.http.get(path, params={"search_value": "x" * 8001})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith("search_value: ")


def test_lists_of_many_ids_are_taken(us: Any) -> None:
    wanted = us.evaluation()
    others = [f"{number:040}" for number in range(1200)]
    query = {
        "organization_id": us.organization_id,
        "models": ",".join([*others[:200], wanted["model_id"]]),
        "datasets": ",".join([wanted["dataset_id"], *others]),
        "unique": "true",
    }
    status, answer = get(us, f"/evaluations?{urlencode(query, safe=',')}")
    assert (status, [row["id"] for row in answer["evaluations"]]) == (200, [wanted["id"]])
    shortest = ",".join(map(str, range(5000)))
    status, answer = get(us, f"/evaluations?models={shortest}&datasets={shortest}")
    assert (status, answer["total_count"]) == (200, 0)


@pytest.mark.parametrize("path", ["/evaluations?models=", "/models?ids="])
def test_a_list_that_is_too_long_says_so(us: Any, path: str) -> None:
    status, many = get(us, path + ",".join(map(str, range(10_001))))
    assert status == 422
    assert "10,000" in many["error"]["message"]
    status, long = get(us, path + "x" * 60_001)
    assert status == 422
    assert "60000" in long["error"]["message"]
