"""Tenants, keys and secrets below the API."""

from __future__ import annotations

import asyncio
import re
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from stratix.api._auth import KeyCache
from stratix.storage import idempotency, tenants
from stratix.storage.database import Database
from stratix.storage.tables import api_keys, idempotency_keys, organizations, projects
from stratix.storage.vault import Vault, VaultError


async def test_the_first_start_makes_what_is_needed_and_the_next_nothing(database: Database) -> None:
    async with database.write() as connection:
        key = await tenants.bootstrap(connection)
    assert key is not None
    assert re.fullmatch(r"sk-stratix-[A-Za-z0-9_-]{43}", key)
    async with database.write() as connection:
        assert await tenants.bootstrap(connection) is None
    async with database.read() as connection:
        caller = await tenants.find_caller(connection, tenants.hash_api_key(key))
        stored = (await connection.execute(select(api_keys))).one()
    assert caller is not None
    assert len(caller.projects) == 1
    assert key not in repr(stored)
    assert stored.prefix == key[:15]


async def test_a_chosen_key_is_used_and_a_new_one_added_later(database: Database) -> None:
    chosen, later = "my-own-key-0123456789", "another-key-0123456789"
    async with database.write() as connection:
        assert await tenants.bootstrap(connection, chosen) == chosen
        assert await tenants.bootstrap(connection, chosen) is None
        assert await tenants.bootstrap(connection, later) == later
        callers = [
            await tenants.find_caller(connection, tenants.hash_api_key(key)) for key in (chosen, later)
        ]
    organizations = {caller and caller.organization_id for caller in callers}
    assert len(organizations) == 1
    assert None not in organizations
    assert len({caller and caller.key_id for caller in callers}) == 2


@pytest.mark.parametrize("bad", ["short", "with a space in the middle", "schlüssel-0123456789"])
async def test_a_bad_key_is_refused(database: Database, bad: str) -> None:
    async with database.write() as connection:
        with pytest.raises(ValueError, match="STRATIX_API_KEY"):
            await tenants.bootstrap(connection, bad)


async def test_several_first_starts_make_one_organization(database: Database) -> None:
    async def start() -> str | None:
        async with database.write() as connection:
            return await tenants.bootstrap(connection)

    keys = await asyncio.gather(*(start() for _ in range(6)))
    assert len([key for key in keys if key]) == 1
    async with database.read() as connection:
        for table in (organizations, projects, api_keys):
            assert await connection.scalar(select(func.count()).select_from(table)) == 1


async def test_a_revoked_key_finds_nobody(database: Database) -> None:
    async with database.write() as connection:
        key = await tenants.bootstrap(connection) or ""
        await connection.execute(update(api_keys).values(revoked_at=time.time()))
        assert await tenants.find_caller(connection, tenants.hash_api_key(key)) is None


async def test_answers_are_kept_for_a_day(database: Database) -> None:
    async with database.write() as connection:
        await tenants.bootstrap(connection)
        project_id = await connection.scalar(select(projects.c.id))
        assert await idempotency.claim(connection, database, project_id, "old", "h") is None
        await idempotency.complete(connection, project_id, "old", 200, {"a": 1})
        found = await idempotency.claim(connection, database, project_id, "old", "h")
        assert found == ("h", 200, {"a": 1})
        age = time.time() - idempotency.KEEP_SECONDS - 1
        await connection.execute(update(idempotency_keys).values(created_at=age))
        assert await idempotency.claim(connection, database, project_id, "old", "other") is None


def test_a_caller_is_remembered_for_seconds_only() -> None:
    cache, caller = KeyCache(seconds=0.05), tenants.Caller("org", "name", (("proj", "name"),))
    cache.put("hash", caller)
    assert cache.get("hash") is caller
    assert cache.get("other") is None
    time.sleep(0.06)
    assert cache.get("hash") is None


def test_a_secret_comes_back_with_the_same_key_only(tmp_path: Path) -> None:
    vault = Vault("k" * 32)
    token = vault.encrypt("sk-secret é")
    assert "secret" not in token
    assert vault.encrypt("sk-secret é") != token
    assert Vault("k" * 32).decrypt(token) == "sk-secret é"
    for other, text in ((Vault("l" * 32), token), (vault, token[:-4] + "AAA="), (vault, "no token")):
        with pytest.raises(VaultError, match="STRATIX_SECRET_KEY"):
            other.decrypt(text)
    with pytest.raises(ValueError, match="32 characters"):
        Vault("short")


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        vaults = list(pool.map(lambda _: Vault.open("", tmp_path), range(16)))
    token = vaults[0].encrypt("x")
    assert {vault.decrypt(token) for vault in vaults} == {"x"}
    (path,) = tmp_path.iterdir()
    assert path.name == "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Vault.open("c" * 40, tmp_path).encrypt("y") != token
    with pytest.raises(VaultError):
        Vault.open("c" * 40, tmp_path).decrypt(token)
