"""A server on a real port over a real database, and organisations that call it."""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn

from stratix.api import create_app
from stratix.settings import Settings
from stratix.storage import tenants
from stratix.storage.database import Database
from stratix.storage.vault import Vault
from stratix.web import add_dashboard

T = TypeVar("T")
_numbers = itertools.count(1)


class Running:
    """A server that runs, and its database.

    Attributes:
        url: its address.
        database_url: its database's.
        data_dir: its data folder.
        stop: tells it to shut down.
    """

    def __init__(self, url: str, database_url: str, data_dir: Path, stop: Callable[[], None]) -> None:
        self.url = url
        self.database_url = database_url
        self.data_dir = data_dir
        self.stop = stop

    def write(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Change the database behind the server's back, in one transaction."""

        async def run() -> T:
            database = Database(self.database_url)
            try:
                async with database.write() as connection:
                    return await work(connection)
            finally:
                await database.close()

        # In a thread of its own: a browser that a test drives has a loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, run()).result()

    def tenant(self, name: str) -> Tenant:
        """Make an organisation with one project and a key."""

        async def work(connection: Any) -> Tenant:
            organization_id = await tenants.create_organization(connection, name, [f"Project of {name}"])
            key = await tenants.add_api_key(connection, organization_id, tenants.generate_api_key(), "test")
            caller = await tenants.find_caller(connection, tenants.hash_api_key(key))
            assert caller is not None
            return Tenant(self, key, organization_id, caller.project_ids[0])

        return self.write(work)


class Tenant:
    """An organisation with one project and a key, and a client that calls with it.

    Attributes:
        http: calls with the key; paths begin after /api/v1.
        project: where the project's own calls are.
    """

    def __init__(self, server: Running, api_key: str, organization_id: str, project_id: str) -> None:
        self.server = server
        self.api_key = api_key
        self.organization_id = organization_id
        self.project_id = project_id
        self.project = f"/organizations/{organization_id}/projects/{project_id}"
        self.http = httpx.Client(
            base_url=f"{server.url}/api/v1", headers={"x-api-key": api_key}, timeout=30, trust_env=False
        )

    def get(self, path: str, **query: Any) -> Any:
        """Return the JSON of a GET that succeeds."""
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """Return the JSON of a POST that succeeds."""
        answer = self.http.post(path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def model(self, **changed: Any) -> str:
        """Make a custom model and return its id."""
        body = {
            "name": "A model",
            "key": f"model-{next(_numbers)}",
            "description": "Ours",
            "api_url": "http://127.0.0.1:9/v1/chat/completions",
            "max_tokens": 100,
        }
        created = self.post(f"{self.project}/custom-models", body | changed)
        assert created["status"] == "success"
        return str(created["data"]["model_id"])

    def upload(self, content: bytes, filename: str = "prompts.jsonl", **changed: Any) -> str:
        """Upload a file and return its key."""
        body = {"key": f"file-{next(_numbers)}", "filename": filename, "type": "application/jsonl"}
        address = self.post(f"{self.project}/upload", {**body, "size": len(content), **changed})
        headers = {"content-type": body["type"]}
        sent = httpx.put(address["data"]["url"], content=content, headers=headers, trust_env=False)
        assert sent.status_code == 200, sent.text
        return body["key"]

    def benchmark(self, rows: list[dict[str, Any]] | None = None, **changed: Any) -> str:
        """Make a custom benchmark and return its id."""
        rows = rows or [{"input": f"{n} + 1 =", "truth": str(n + 1)} for n in range(3)]
        file = self.upload(b"\n".join(json.dumps(row).encode() for row in rows))
        body = {"name": "A benchmark", "description": "Ours", "file": file} | changed
        return str(self.post(f"{self.project}/custom-benchmarks", body)["data"]["benchmark_id"])

    def evaluation(self, **changed: Any) -> dict[str, Any]:
        """Start an evaluation of a custom model on a custom benchmark and return it."""
        ids = {"model_id": changed.pop("model_id", None) or self.model()}
        ids["dataset_id"] = changed.pop("dataset_id", None) or self.benchmark()
        item = {**ids, "is_custom_model": True, "is_custom_dataset": True, **changed}
        (found,) = self.post(f"{self.project}/evaluations", [item])["data"]
        return dict(found)


@contextmanager
def running(
    database_url: str, data_dir: Path, *, dashboard: bool = False, **settings: Any
) -> Iterator[Running]:
    """Run a server on a free port until the end of the block."""
    database, vault = Database(database_url), Vault.open("", data_dir)
    chosen = Settings(data_dir=data_dir, database_url=database_url, **settings)
    app = create_app(
        database,
        vault,
        chosen,
        environ={"OPENAI_API_KEY": "sk-of-the-test"},
        stopping=lambda: server.should_exit,
    )
    if dashboard:
        add_dashboard(app, database, vault, chosen)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=5))

    async def serve() -> None:
        await server.serve()
        await database.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="server")
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline and thread.is_alive():
        time.sleep(0.01)
    assert server.started, "the server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]

    def stop() -> None:
        server.should_exit = True

    try:
        yield Running(f"http://127.0.0.1:{port}", database_url, data_dir, stop)
    finally:
        stop()
        thread.join(timeout=20)
        assert not thread.is_alive(), "the server did not stop"


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server over SQLite and one over PostgreSQL in turn; each test has organisations of its own."""
    folder = tmp_path_factory.mktemp("server")
    if request.param == "sqlite":
        template = request.getfixturevalue("migrated_sqlite")
        with running(f"sqlite:///{shutil.copy(template, folder / 'stratix.db')}", folder) as found:
            yield found
        return
    postgres = request.getfixturevalue("postgres")
    name = postgres.create()
    with running(postgres.url(name), folder) as found:
        yield found
    postgres.drop(name)


@pytest.fixture
def lone_server(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Running]:
    """A server of its own, which a test may stop."""
    with running(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'stratix.db')}", tmp_path) as found:
        yield found


@pytest.fixture
def us(server: Running) -> Iterator[Tenant]:
    """The organisation that calls."""
    tenant = server.tenant("Ours")
    yield tenant
    tenant.http.close()


@pytest.fixture
def them(server: Running) -> Iterator[Tenant]:
    """Another one, whose things are not to be seen."""
    tenant = server.tenant("Theirs")
    yield tenant
    tenant.http.close()
