"""A server on a real port over a real database, and someone to call it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
import uvicorn
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.api import create_app
from stratix.settings import Settings
from stratix.storage import tenants
from stratix.storage.database import Database
from stratix.storage.vault import Vault

T = TypeVar("T")


@dataclass(frozen=True)
class Tenant:
    """An organisation with one project and a key."""

    api_key: str
    organization_id: str
    project_id: str

    @property
    def path(self) -> str:
        """Where the project's own calls are."""
        return f"/organizations/{self.organization_id}/projects/{self.project_id}"


class Running:
    """A server that runs, and its database."""

    def __init__(self, url: str, database_url: str, data_dir: Path, environ: dict[str, str]) -> None:
        self.url = url
        self.database_url = database_url
        self.data_dir = data_dir
        self.environ = environ
        self.stop: Callable[[], None]
        self._clients: list[httpx.Client] = []

    def client(self, api_key: str | None = None) -> httpx.Client:
        """Return a client of the API; it is closed with the server."""
        headers = {"x-api-key": api_key} if api_key else {}
        client = httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=30)
        self._clients.append(client)
        return client

    def close(self) -> None:
        """Close the clients."""
        for client in self._clients:
            client.close()

    def write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Change the database behind the server's back, in one transaction."""

        async def run() -> T:
            database = Database(self.database_url)
            try:
                async with database.write() as connection:
                    return await work(connection)
            finally:
                await database.close()

        return asyncio.run(run())

    def tenant(self, name: str) -> Tenant:
        """Make an organisation with one project and a key."""

        async def work(connection: AsyncConnection) -> Tenant:
            organization_id = await tenants.create_organization(connection, name, [f"{name}'s project"])
            key = await tenants.add_api_key(connection, organization_id, tenants.generate_api_key(), "test")
            caller = await tenants.find_caller(connection, tenants.hash_api_key(key))
            assert caller is not None
            return Tenant(key, organization_id, caller.project_ids[0])

        return self.write(work)


@contextmanager
def running(database_url: str, data_dir: Path) -> Iterator[Running]:
    """Run a server on a free port until the end of the block."""
    environ: dict[str, str] = {"OPENAI_API_KEY": "sk-of-the-test"}
    settings = Settings(data_dir=data_dir, database_url=database_url)
    database = Database(database_url)
    app = create_app(
        database,
        Vault.open("", data_dir),
        settings,
        environ=environ,
        stopping=lambda: server.should_exit,
    )
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
    found = Running(f"http://127.0.0.1:{port}", database_url, data_dir, environ)
    found.stop = lambda: setattr(server, "should_exit", True)
    try:
        yield found
    finally:
        found.close()
        server.should_exit = True
        thread.join(timeout=20)
        assert not thread.is_alive(), "the server did not stop"


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Running]:
    """A server on a real port, over SQLite and over PostgreSQL in turn."""
    with running(database_url, tmp_path) as found:
        yield found


@pytest.fixture
def tenant(server: Running) -> Tenant:
    """The organisation that calls."""
    return server.tenant("Ours")


@pytest.fixture
def stranger(server: Running) -> Tenant:
    """An organisation that must not see what is not its own."""
    return server.tenant("Theirs")


@pytest.fixture
def api(server: Running, tenant: Tenant) -> httpx.Client:
    """A client with the key of `tenant`."""
    return server.client(tenant.api_key)


@pytest.fixture
def project(tenant: Tenant) -> str:
    """Where the calls of `tenant`'s project are."""
    return tenant.path


def upload(
    api: httpx.Client, project: str, content: bytes, filename: str = "prompts.jsonl", **changed: Any
) -> str:
    """Upload a file and return its key."""
    body = {"key": f"k-{time.monotonic_ns()}", "filename": filename, "type": "application/jsonl"}
    body |= {"size": len(content), **changed}
    answer = api.post(f"{project}/upload", json=body)
    assert answer.status_code == 200, answer.text
    sent = httpx.put(answer.json()["data"]["url"], content=content, headers={"content-type": body["type"]})
    assert sent.status_code == 200, sent.text
    return str(body["key"])
