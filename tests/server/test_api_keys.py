"""API keys: made, listed, used, revoked, and what each scope allows."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from stratix.storage.tables import api_keys


def keys_of(us: Any) -> str:
    return f"/organizations/{us.organization_id}/api-keys"


@pytest.fixture
def holder(us: Any) -> Callable[..., httpx.Client]:
    """Makes a key with scopes and returns a client that calls with it."""

    def make(*scopes: str) -> httpx.Client:
        made = us.post(keys_of(us), {"name": "for a test", "scopes": scopes})["data"]
        return httpx.Client(
            base_url=f"{us.server.url}/api/v1", headers={"x-api-key": made["key"]}, trust_env=False
        )

    return make


def test_a_key_is_shown_once_and_listed_without_itself(us: Any) -> None:
    made = us.post(keys_of(us), {"name": " nightly ", "scopes": ["run"]})["data"]
    assert made["key"].startswith(made["prefix"])
    assert len(made["key"]) > 40
    assert (made["name"], made["scopes"], made["last_used_at"]) == ("nightly", ["read", "run"], None)
    listed = us.get(keys_of(us))["data"]["api_keys"]
    assert [key["name"] for key in listed] == ["test", "nightly"]
    assert listed[0]["scopes"] == ["read", "run", "admin"]
    assert made["key"] not in us.http.get(keys_of(us)).text


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "   "}, {"name": "x" * 101}, {"name": "x", "scopes": ["root"]}]
)
def test_a_key_without_a_good_name_and_scopes_is_refused(us: Any, body: Any) -> None:
    assert us.http.post(keys_of(us), json=body).status_code == 422


def test_what_each_scope_allows(us: Any, holder: Any) -> None:
    project, keys = us.project, keys_of(us)
    model = {
        "name": "M",
        "key": "scoped",
        "description": "Ours",
        "api_url": "http://127.0.0.1:9/v1/chat/completions",
        "max_tokens": 10,
    }
    evaluation = us.evaluation()["id"]
    looks: list[tuple[str, str, Any]] = [
        ("GET", "/organizations", None),
        ("GET", f"{project}/models", None),
        ("GET", f"/evaluations/{evaluation}", None),
        ("GET", "/budgets", None),
    ]
    works: list[tuple[str, str, Any]] = [
        ("POST", f"{project}/custom-models", model),
        ("POST", f"{project}/evaluations", [{"model_id": us.model(), "dataset_id": us.benchmark()}]),
        ("POST", f"/evaluations/{evaluation}/pause", None),
        ("DELETE", f"{project}/cache", None),
    ]
    manages: list[tuple[str, str, Any]] = [
        ("GET", keys, None),
        ("POST", keys, {"name": "another", "scopes": ["read"]}),
        ("PATCH", "/budgets/project", {"tokens": 10_000_000}),
        ("PATCH", project, {"models": []}),
    ]
    for scopes, allowed in (
        (["read"], looks),
        (["run"], looks + works),
        (["admin"], looks + manages),
        (["run", "admin"], looks + works + manages),
    ):
        with holder(*scopes) as client:
            for method, path, body in looks + works + manages:
                status = client.request(method, path, json=body).status_code
                # A second time some find what is there already: what counts is that they may.
                good = status in {200, 409, 422} if (method, path, body) in allowed else status == 403
                assert good, (scopes, method, path, status)


def test_the_refusal_says_which_scope_it_takes(us: Any, holder: Any) -> None:
    with holder("read") as client:
        answer = client.post(f"{us.project}/evaluations", content=b"no json at all")
    assert answer.status_code == 403
    assert answer.json()["error"]["type"] == "permission_denied"
    assert "'run'" in answer.json()["error"]["message"]


def test_every_call_that_changes_something_takes_more_than_read(us: Any, holder: Any) -> None:
    paths = httpx.get(f"{us.server.url}/openapi.json").json()["paths"]
    tried = 0
    with holder("read") as client:
        for path, methods in paths.items():
            for method in methods.keys() - {"get"}:
                if path.startswith("/api/v1/uploads/"):  # It has a key of its own in its address.
                    continue
                address = path.removeprefix("/api/v1").replace("{", "").replace("}", "")
                assert client.request(method, address, json={}).status_code == 403, (method, path)
                tried += 1
    assert tried > 20


def test_no_key_makes_one_that_may_more_than_itself(us: Any, holder: Any) -> None:
    with holder("admin") as client:
        assert client.post(keys_of(us), json={"name": "x", "scopes": ["run"]}).status_code == 422
        assert client.post(keys_of(us), json={"name": "x", "scopes": ["admin"]}).status_code == 200


def test_a_revoked_key_ends_at_once(us: Any, holder: Any) -> None:
    with holder("run") as client:
        assert client.get("/organizations").status_code == 200
        (key,) = [key for key in us.get(keys_of(us))["data"]["api_keys"] if key["name"] == "for a test"]
        assert us.http.delete(f"{keys_of(us)}/{key['id']}").json()["data"]["id"] == key["id"]
        assert client.get("/organizations").status_code == 401
    assert key["id"] not in us.http.get(keys_of(us)).text
    assert us.http.delete(f"{keys_of(us)}/{key['id']}").status_code == 404


def test_the_last_key_that_may_manage_keys_stays(us: Any, holder: Any) -> None:
    (own,) = us.get(keys_of(us))["data"]["api_keys"]
    with holder("run"):
        assert us.http.delete(f"{keys_of(us)}/{own['id']}").status_code == 409
    with holder("admin") as client:
        assert client.delete(f"{keys_of(us)}/{own['id']}").status_code == 200


def test_when_a_key_was_used_is_kept_once_a_minute(us: Any, holder: Any) -> None:
    with holder("read") as client:
        assert client.get("/organizations").status_code == 200

    def last_used() -> float | None:
        (key,) = [key for key in us.get(keys_of(us))["data"]["api_keys"] if key["name"] == "for a test"]
        found: float | None = key["last_used_at"]
        return found

    deadline = time.monotonic() + 5
    while last_used() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    used = last_used()
    assert used is not None
    assert abs(used - time.time()) < 10

    from stratix.storage import keys

    async def again(connection: Any) -> None:
        key_id = await connection.scalar(sa.select(api_keys.c.id).where(api_keys.c.last_used_at == used))
        await keys.touch(connection, key_id)

    us.server.write(again)
    assert last_used() == used
