"""A create that carries an idempotency key runs once, however often and at once it is sent."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

MODEL = {"name": "M", "key": "once", "description": "", "api_url": "http://h/v1", "max_tokens": 1}
_numbers = itertools.count()


def key() -> dict[str, str]:
    return {"Idempotency-Key": f"key-{next(_numbers)}"}


def item(us: Any) -> list[dict[str, Any]]:
    return [{"model_id": us.model(), "dataset_id": us.benchmark()}]


def total(us: Any) -> int:
    return int(us.get("/evaluations", organization_id=us.organization_id)["total_count"])


def test_a_repeat_gets_the_stored_answer(us: Any) -> None:
    headers, body = key(), item(us)
    first = us.http.post(f"{us.project}/evaluations", json=body, headers=headers)
    again = us.http.post(f"{us.project}/evaluations", json=body, headers=headers)
    assert first.status_code == again.status_code == 200
    assert again.json() == first.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert total(us) == 1
    us.post(f"{us.project}/evaluations", body)
    assert total(us) == 2


def test_another_request_under_the_same_key_is_409(us: Any) -> None:
    headers, body = key(), item(us)
    us.post(f"{us.project}/evaluations", body, **headers)
    others = [
        us.http.post(f"{us.project}/evaluations", json=[{**body[0], "limit": 1}], headers=headers),
        us.http.post(f"{us.project}/custom-models", json=MODEL, headers=headers),
    ]
    assert [answer.status_code for answer in others] == [409, 409]
    assert total(us) == 1


@pytest.mark.parametrize("same_key", [True, False])
def test_at_once_it_runs_once(us: Any, same_key: bool) -> None:
    shared, body = key(), item(us)

    def post(_: int) -> Any:
        return us.http.post(f"{us.project}/evaluations", json=body, headers=shared if same_key else key())

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(post, range(12)))
    assert {answer.status_code for answer in answers} == {200}
    ids = {answer.json()["data"][0]["id"] for answer in answers}
    assert len(ids) == total(us) == (1 if same_key else 12)


def test_a_create_that_failed_leaves_its_key_free(us: Any) -> None:
    headers, taken = key(), us.model(key="once")
    path = f"{us.project}/custom-models"
    assert us.http.post(path, json=MODEL, headers=headers).status_code == 409
    assert us.http.delete(f"{path}/{taken}").status_code == 200
    assert us.http.post(path, json=MODEL, headers=headers).status_code == 200
    assert us.http.post(path, json=MODEL, headers=headers).headers["idempotent-replayed"] == "true"


def test_without_a_key_a_model_key_is_taken_once_all_the_same(us: Any) -> None:
    with ThreadPoolExecutor(8) as pool:
        path = f"{us.project}/custom-models"
        answers = list(pool.map(lambda _: us.http.post(path, json=MODEL), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7


def test_a_custom_benchmark_is_made_once_though_its_file_is_gone(us: Any) -> None:
    file = us.upload(b'{"input": "a", "truth": "b"}')
    body, headers = {"name": "B", "description": "", "file": file}, key()
    path = f"{us.project}/custom-benchmarks"
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: us.http.post(path, json=body, headers=headers), range(6)))
    answers.append(us.http.post(path, json=body, headers=headers))
    assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
    assert len({answer.json()["data"]["benchmark_id"] for answer in answers}) == 1
    assert len(us.get(f"{us.project}/benchmarks", type="custom")["data"]["datasets"]) == 1


def test_of_two_that_want_the_same_file_one_gets_it(us: Any) -> None:
    file = us.upload(b'{"input": "a", "truth": "b"}')
    body = {"name": "B", "description": "", "file": file}
    with ThreadPoolExecutor(6) as pool:
        path = f"{us.project}/custom-benchmarks"
        answers = list(pool.map(lambda _: us.http.post(path, json=body), range(6)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 200
    assert set(codes[1:]) <= {409, 422}
    assert len(us.get(f"{us.project}/benchmarks", type="custom")["data"]["datasets"]) == 1


@pytest.mark.parametrize("bad", ["", "k" * 257])
def test_a_key_out_of_its_limits_is_named(us: Any, bad: str) -> None:
    answer = us.http.post(f"{us.project}/custom-models", json=MODEL, headers={"Idempotency-Key": bad})
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json()["error"]["message"]
