"""Who may use the platform: organisations, their projects and their API keys."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage.database import Record
from stratix.storage.identifiers import new_id
from stratix.storage.tables import api_keys, organizations, projects

KEY_PREFIX = "sk-stratix-"
MIN_KEY_LENGTH = 16
SCOPES = ("read", "run", "admin")
"""What a key may do: look, work, and manage; see `layerlens.models.Scope`."""

_LOCK = 0x7465_6E61


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds an API key.

    Attributes:
        organization_id: id of the organisation the key belongs to.
        organization_name: its name.
        projects: `(id, name)` of its projects, the oldest first.
        key_id: id of the key; None for somebody who needs none.
        scopes: what the caller may do, of `SCOPES`.
        last_used_at: when the key was last used, to the minute; None if never.
    """

    organization_id: str
    organization_name: str
    projects: tuple[tuple[str, str], ...]
    key_id: str | None = None
    scopes: frozenset[str] = frozenset(SCOPES)
    last_used_at: float | None = None

    @property
    def project_ids(self) -> tuple[str, ...]:
        """The ids of the projects the caller may see."""
        return tuple(identifier for identifier, _ in self.projects)


def generate_api_key() -> str:
    """Return a new API key with 256 random bits."""
    return KEY_PREFIX + secrets.token_urlsafe(32)


def prefix_of(api_key: str) -> str:
    """Return what may be shown of a key, by which its owner knows it again."""
    return api_key[: len(KEY_PREFIX) + 4] if api_key.startswith(KEY_PREFIX) else api_key[:4]


def hash_api_key(api_key: str) -> str:
    """Return what is stored of an API key: its SHA-256, in hexadecimal."""
    return hashlib.sha256(api_key.encode()).hexdigest()


async def bootstrap(connection: AsyncConnection, api_key: str | None = None) -> str | None:
    """Make the first organisation, project and API key, where there are none.

    Args:
        connection: in a write transaction.
        api_key: the key to use; generated when None or empty. On a later start a key that is not
            known yet is added to the first organisation.

    Returns:
        The API key when one was stored now, which is the only time it can be read, else None.

    Raises:
        ValueError: the chosen key is too short or has other than visible ASCII characters.
    """
    if api_key and (len(api_key) < MIN_KEY_LENGTH or not all("!" <= letter <= "~" for letter in api_key)):
        raise ValueError(
            f"STRATIX_API_KEY must have at least {MIN_KEY_LENGTH} characters, all of them letters, digits "
            "or punctuation of ASCII; leave it empty to have one generated"
        )
    if connection.dialect.name == "postgresql":  # SQLite has one writer as it is.
        await connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    first = select(organizations.c.id).order_by(organizations.c.created_at).limit(1)
    organization_id = await connection.scalar(first)
    if organization_id is None:
        organization_id = await create_organization(connection, "My organization", ["My project"])
    elif not api_key or await _is_stored(connection, api_key):
        return None
    return await add_api_key(connection, organization_id, api_key or generate_api_key(), "first key")


async def is_bootstrapped(connection: AsyncConnection) -> bool:
    """Tell whether the database answers and has its first organisation."""
    return await connection.scalar(select(organizations.c.id).limit(1)) is not None


async def create_organization(connection: AsyncConnection, name: str, project_names: Sequence[str]) -> str:
    """Make an organisation with its projects and return its id."""
    organization_id, now = new_id("org"), time.time()
    await connection.execute(insert(organizations).values(id=organization_id, name=name, created_at=now))
    for number, project in enumerate(project_names):
        await connection.execute(
            insert(projects).values(
                id=new_id("proj"),
                organization_id=organization_id,
                name=project,
                created_at=now + number * 1e-3,
            )
        )
    return organization_id


async def add_api_key(connection: AsyncConnection, organization_id: str, api_key: str, name: str) -> str:
    """Store the hash of an organisation's API key and return the key."""
    await connection.execute(
        insert(api_keys).values(
            id=new_id("key"),
            organization_id=organization_id,
            hash=hash_api_key(api_key),
            prefix=prefix_of(api_key),
            name=name,
            created_at=time.time(),
        )
    )
    return api_key


async def find_caller(connection: AsyncConnection, key_hash: str) -> Caller | None:
    """Return who holds the API key with this hash, or None when it is unknown or revoked."""
    return await _holder(connection, api_keys.c.hash == key_hash)


async def find_caller_by_id(
    connection: AsyncConnection, organization_id: str, key_id: str = ""
) -> Caller | None:
    """Return who holds an API key of an organisation, or its organisation itself where none is named.

    None when there is no such key, or it was revoked.
    """
    if not key_id:
        return await _caller(connection, organizations.c.id == organization_id)
    return await _holder(
        connection, (api_keys.c.id == key_id) & (api_keys.c.organization_id == organization_id)
    )


async def _holder(connection: AsyncConnection, condition: ColumnElement[bool]) -> Caller | None:
    query = select(api_keys).where(condition, api_keys.c.revoked_at.is_(None))
    key = (await connection.execute(query)).one_or_none()
    if key is None:
        return None
    caller = await _caller(connection, organizations.c.id == key.organization_id)
    scopes = frozenset(key.scopes.split(","))
    return caller and replace(caller, key_id=key.id, scopes=scopes, last_used_at=key.last_used_at)


async def first_caller(connection: AsyncConnection) -> Caller | None:
    """Return the oldest organisation as a caller; None before there is one."""
    first = select(organizations.c.id).order_by(organizations.c.created_at).limit(1)
    return await _caller(connection, organizations.c.id == first.scalar_subquery())


async def _caller(connection: AsyncConnection, condition: ColumnElement[bool]) -> Caller | None:
    query = select(organizations.c.id, organizations.c.name).where(condition)
    organization = (await connection.execute(query)).one_or_none()
    if organization is None:
        return None
    rows = await connection.execute(
        select(projects.c.id, projects.c.name)
        .where(projects.c.organization_id == organization.id)
        .order_by(projects.c.created_at, projects.c.id)
    )
    return Caller(organization.id, organization.name, tuple((row.id, row.name) for row in rows))


async def get_project(connection: AsyncConnection, organization_id: str, project_id: str) -> Record | None:
    """Find a project of an organisation."""
    query = select(projects).where(projects.c.id == project_id, projects.c.organization_id == organization_id)
    return (await connection.execute(query)).one_or_none()


async def rename_project(connection: AsyncConnection, project_id: str, name: str) -> None:
    """Give a project another name."""
    await connection.execute(update(projects).where(projects.c.id == project_id).values(name=name))


async def choose(
    connection: AsyncConnection,
    project_id: str,
    *,
    model_ids: Sequence[str] | None = None,
    benchmark_ids: Sequence[str] | None = None,
) -> None:
    """Set which public models or benchmarks a project offers; None leaves them as they are."""
    values = {"model_ids": model_ids, "benchmark_ids": benchmark_ids}
    chosen = {name: list(ids) for name, ids in values.items() if ids is not None}
    if chosen:
        await connection.execute(update(projects).where(projects.c.id == project_id).values(chosen))


async def _is_stored(connection: AsyncConnection, api_key: str) -> bool:
    query = select(api_keys.c.id).where(api_keys.c.hash == hash_api_key(api_key))
    return await connection.scalar(query) is not None
