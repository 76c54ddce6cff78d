"""Uploads over HTTP: one address, one file, as announced."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from sqlalchemy import select, update
from tests.server.conftest import running

from layerlens.models import MAX_BENCHMARK_FILE_BYTES, CreatedUpload, StatusEnvelope
from stratix.settings import Settings
from stratix.storage.tables import uploads

CONTENT = b'{"input": "1 + 1 =", "truth": "2"}\n'
TYPE = {"content-type": "application/jsonl"}


def announce(us: Any, **changed: Any) -> httpx.Response:
    body = {"key": "k", "filename": "f.jsonl", "type": "application/jsonl", "size": len(CONTENT)}
    answer: httpx.Response = us.http.post(f"{us.project}/upload", json=body | changed)
    return answer


def address(us: Any, **changed: Any) -> str:
    answer = announce(us, **changed)
    assert answer.status_code == 200, answer.text
    return StatusEnvelope[CreatedUpload].model_validate(answer.json()).data.url


def rows(us: Any) -> list[Any]:
    async def work(connection: Any) -> list[Any]:
        query = select(uploads).where(uploads.c.project_id == us.project_id)
        return list((await connection.execute(query)).all())

    found: list[Any] = us.server.write(work)
    return found


def test_the_bytes_arrive_without_an_api_key(us: Any) -> None:
    url = address(us)
    answer = httpx.put(url, content=CONTENT, headers=TYPE)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-request-id"]
    (row,) = rows(us)
    assert row.content == CONTENT
    token = url.rsplit("/", 1)[1]
    assert len(token) >= 43
    assert token not in repr(row)


def test_an_address_works_once(us: Any) -> None:
    url = address(us)
    assert httpx.put(url, content=CONTENT, headers=TYPE).status_code == 200
    again = httpx.put(url, content=CONTENT[::-1], headers=TYPE)
    assert again.status_code == 409
    assert [row.content for row in rows(us)] == [CONTENT]


def test_of_two_at_once_one_wins(us: Any) -> None:
    url = address(us)
    sent = [bytes([65 + n]) * len(CONTENT) for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda content: httpx.put(url, content=content, headers=TYPE), sent))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    winner = [answer.status_code for answer in answers].index(200)
    assert [row.content for row in rows(us)] == [sent[winner]]


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT + b"more", b""])
def test_another_size_than_announced_is_refused_and_can_be_repaired(us: Any, content: bytes) -> None:
    url = address(us)

    def chunks() -> Iterator[bytes]:  # Sent without a Content-Length, so the server has to count.
        yield content[:10]
        yield content[10:]

    for body in (content, chunks()):
        answer = httpx.put(url, content=body, headers=TYPE)
        assert answer.status_code == 422, answer.text
        assert f"{len(CONTENT)} bytes were announced" in answer.json()["error"]["message"]
    assert httpx.put(url, content=CONTENT, headers=TYPE).status_code == 200


def test_an_expired_address_is_refused(us: Any) -> None:
    url = address(us)

    async def expire(connection: Any) -> None:
        past = update(uploads).where(uploads.c.project_id == us.project_id).values(expires_at=time.time() - 1)
        await connection.execute(past)

    us.server.write(expire)
    answer = httpx.put(url, content=CONTENT, headers=TYPE)
    assert answer.status_code == 403
    assert answer.json()["error"]["type"] == "permission_denied"
    # The next request for an address sweeps what has expired.
    address(us, key="new")
    assert [row.key for row in rows(us)] == ["new"]


def test_a_made_up_address_is_refused(us: Any) -> None:
    url = address(us)
    other = url[:-1] + ("A" if url[-1] != "A" else "B")
    assert httpx.put(other, content=CONTENT, headers=TYPE).status_code == 403
    assert httpx.put(f"{us.server.url}/api/v1/uploads/x", content=b"").status_code == 403
    assert us.http.get(url).status_code == 405


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"size": MAX_BENCHMARK_FILE_BYTES + 1}, 413),
        ({"size": 0}, 422),
        ({"size": -1}, 422),
        ({"filename": "f.exe"}, 422),
        ({"filename": "jsonl"}, 422),
        ({"filename": "../f.jsonl"}, 422),
        ({"filename": "a\\f.jsonl"}, 422),
        ({"type": "image/png"}, 422),
        ({"type": "no media type"}, 422),
        ({"key": ""}, 422),
        ({"key": "k" * 513}, 422),
        ({"filename": "f" * 510 + ".jsonl"}, 422),
    ],
)
def test_a_bad_announcement_gets_no_address(us: Any, changed: dict[str, Any], status: int) -> None:
    answer = announce(us, **changed)
    assert answer.status_code == status, answer.text
    assert next(iter(changed)) in answer.json()["error"]["message"]
    assert rows(us) == []


def test_another_type_than_announced_is_refused(us: Any) -> None:
    url = address(us)
    answer = httpx.put(url, content=CONTENT, headers={"content-type": "image/png"})
    assert answer.status_code == 422
    assert "Content-Type" in answer.json()["error"]["message"]
    exact = {"content-type": "Application/JSONL; charset=utf-8"}
    assert httpx.put(url, content=CONTENT, headers=exact).status_code == 200


def test_a_stream_that_does_not_end_is_left_at_the_announced_size(us: Any) -> None:
    url = address(us, size=100_000)
    given = 0

    def endless() -> Iterator[bytes]:
        nonlocal given
        while given < 2 * MAX_BENCHMARK_FILE_BYTES:
            given += 65_536
            yield b"x" * 65_536

    try:
        answer = httpx.put(url, content=endless(), headers=TYPE)
        assert answer.status_code == 422
    except httpx.WriteError:
        pass  # The server has hung up, which is an answer too.
    assert [row.content for row in rows(us)] == [None]


def test_a_broken_connection_leaves_the_address_as_it_was(us: Any) -> None:
    url = address(us)

    def breaking() -> Iterator[bytes]:
        yield CONTENT[:5]
        raise RuntimeError("the sender dies")

    with pytest.raises(RuntimeError):
        httpx.put(url, content=breaking(), headers={**TYPE, "content-length": str(len(CONTENT))})
    assert [row.content for row in rows(us)] == [None]
    assert httpx.put(url, content=CONTENT, headers=TYPE).status_code == 200


def test_fifty_megabytes_are_taken(us: Any) -> None:
    size = MAX_BENCHMARK_FILE_BYTES
    url = address(us, size=size)
    assert httpx.put(url, content=bytes(size), headers=TYPE, timeout=60).status_code == 200
    (row,) = rows(us)
    assert len(row.content) == size


def test_behind_a_proxy_the_address_is_the_public_one(migrated_sqlite: Path, tmp_path: Path) -> None:
    database = shutil.copy(migrated_sqlite, tmp_path / "stratix.db")
    public = "https://stratix.example.org/below/"
    with running(f"sqlite:///{database}", tmp_path, public_url=public) as server:
        us = server.tenant("Proxied")
        with us.http:
            url = address(us)
            assert url.startswith("https://stratix.example.org/below/api/v1/uploads/")
            within = url.replace("https://stratix.example.org/below", server.url)
            assert httpx.put(within, content=CONTENT, headers=TYPE).status_code == 200


@pytest.mark.parametrize("bad", ["stratix.example.org", "ftp://host", "https://", "https://host/?a=b"])
def test_a_public_address_that_is_none_is_refused(bad: str) -> None:
    with pytest.raises(ValidationError, match="public_url"):
        Settings(public_url=bad)
