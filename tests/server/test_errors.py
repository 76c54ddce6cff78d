"""Every error has one shape, an id, and words to act on; nothing from inside gets out."""

from __future__ import annotations

import json
import re
import socket
from typing import Any

import httpx
import pytest

from layerlens.models import ErrorEnvelope
from stratix.api._middleware import MAX_BODY_BYTES
from stratix.storage import evaluations

TYPES = {
    400: "bad_request",
    401: "authentication_error",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "request_too_large",
    422: "validation_error",
    500: "internal_error",
    501: "not_implemented",
}


def check(answer: httpx.Response, status: int) -> str:
    """Check an error's shape and return its message."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    error = ErrorEnvelope.model_validate(answer.json()).error.model_dump()
    assert error["type"] == TYPES[status]
    assert error["request_id"] == answer.headers["x-request-id"]
    assert set(answer.json()) == {"error"}
    return str(error["message"])


def test_unknown_paths_and_methods(us: Any) -> None:
    assert check(us.http.get("/nowhere"), 404).endswith("/api/v1/nowhere: see /docs for what there is.")
    assert "/api/v1/organizations" in check(us.http.delete("/organizations"), 405)
    assert us.http.delete("/organizations").headers["allow"] == "GET"
    assert "a client's base URL ends with it" in check(httpx.get(f"{us.server.url}/organizations"), 404)


def test_bodies_that_are_no_json(us: Any) -> None:
    path = f"{us.project}/custom-models"
    headers = {"content-type": "application/json"}
    message = check(us.http.post(path, content=b'{"name": ', headers=headers), 422)
    assert message.startswith("body: is not valid JSON")
    check(us.http.post(path, content=b"\xff\xff{}", headers=headers), 422)
    check(us.http.post(path, content=b"", headers=headers), 422)
    check(us.http.post(path, content=b"[" * 100_000, headers=headers), 422)


def test_validation_names_every_field(us: Any) -> None:
    answer = us.http.post(f"{us.project}/custom-models", json={"key": "Not A Key", "max_tokens": 0})
    message = check(answer, 422)
    fields = {field["field"] for field in answer.json()["error"]["fields"]}
    assert fields == {"name", "key", "api_url", "max_tokens"}
    assert all(f"{field}: " in message for field in fields)
    assert "Value error" not in answer.text


def test_a_body_that_is_too_large_is_refused(us: Any) -> None:
    large = b'{"name": "' + b"x" * MAX_BODY_BYTES + b'"}'
    headers = {"content-type": "application/json"}

    def chunks() -> Any:
        for start in range(0, len(large), 1 << 20):
            yield large[start : start + (1 << 20)]

    for content in (large, chunks()):
        message = check(us.http.post(f"{us.project}/custom-models", content=content, headers=headers), 413)
        assert "10 MB" in message


def test_a_body_announced_too_large_is_not_read(us: Any) -> None:
    host, port = us.server.url.removeprefix("http://").split(":")
    head = (
        f"POST /api/v1{us.project}/custom-models HTTP/1.1\r\nhost: {host}\r\nx-api-key: {us.api_key}\r\n"
        f"content-type: application/json\r\ncontent-length: {10**12}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "body", [rb'{"name": "a\u0000b"}', rb'{"name": "\ud800"}', rb'{"extra_payload": {"deep": ["\u0000"]}}']
)
def test_text_that_no_database_stores_is_refused(us: Any, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    check(us.http.post(f"{us.project}/custom-models", content=body, headers=headers), 422)


def test_backslashes_that_only_look_like_it_are_fine(us: Any) -> None:
    assert us.get(f"{us.project}/models/{us.model(name='a' + chr(92) + 'u0000 é 😀')}")["data"]["name"]


@pytest.mark.parametrize(
    "path",
    [
        "/evaluations/%00",
        "/results?evaluation_id=%00",
        "/models?name=%00",
        "/evaluations?models=%00",
        "/datasets/x/prompts?search_value=%00",
    ],
)
def test_nul_in_an_address_is_refused(us: Any, path: str) -> None:
    check(us.http.get(path), 422)


def test_strange_ids_are_simply_not_found(us: Any) -> None:
    for strange in ("é😀", "' OR 1=1 --", "x" * 5000, "%ff", "..%2f.."):
        check(us.http.get(f"/evaluations/{strange}"), 404)


@pytest.mark.parametrize("offered", ["my-id_1.2:3", "a" * 128])
def test_the_callers_request_id_is_kept(us: Any, offered: str) -> None:
    headers = {"x-request-id": offered}
    assert us.http.get("/organizations", headers=headers).headers["x-request-id"] == offered
    assert offered in us.http.get("/nowhere", headers=headers).text


@pytest.mark.parametrize("offered", ["", "with space", "a" * 129, "<script>", "ключ".encode()])
def test_a_strange_request_id_is_replaced(us: Any, offered: str | bytes) -> None:
    answer = us.http.get("/organizations", headers={"x-request-id": offered})
    assert re.fullmatch(r"req_[0-9a-f]{24}", answer.headers["x-request-id"])


def test_what_nobody_caught_is_a_500_that_says_nothing(
    us: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("the inside: sk-secret")

    monkeypatch.setattr(evaluations, "get", broken)
    answer = us.http.get("/evaluations/eval_x", headers={"x-request-id": "find-me"})
    message = check(answer, 500)
    assert "find-me" in message
    assert "inside: " not in answer.text
    assert "RuntimeError" not in answer.text
    assert "find-me" in caplog.text
    assert "the inside" in caplog.text


def test_the_documentation_needs_no_other_host(us: Any) -> None:
    page = httpx.get(f"{us.server.url}/docs")
    assert page.status_code == 200
    links = re.findall(r"""(?:src|href)=["']([^"']+)""", page.text)
    assert len(links) >= 3
    for link in links:
        assert link.startswith("/docs/assets/")
        assert httpx.get(us.server.url + link).status_code == 200
    assert "://" not in page.text.replace(us.server.url, "")


def test_openapi_describes_every_call_and_its_key(us: Any) -> None:
    schema = httpx.get(f"{us.server.url}/openapi.json").json()
    for path, methods in schema["paths"].items():
        for method, call in methods.items():
            assert call["description"], (path, method)
            # The metrics have a rule of their own, which tests/server/test_metrics.py holds them to.
            open_to_all = path in {"/healthz", "/metrics"} or path.startswith("/api/v1/uploads/")
            assert bool(call.get("security")) != open_to_all, (path, method)
    assert "sk-stratix" not in json.dumps(schema)
    result = schema["components"]["schemas"]["Result"]
    assert {"subset", "prompt", "duration", "score"} <= set(result["required"])


def test_health_needs_no_key(us: Any) -> None:
    answer = httpx.get(f"{us.server.url}/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["x-request-id"]
