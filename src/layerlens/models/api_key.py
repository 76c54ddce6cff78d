"""API keys of an organisation."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from ._base import WireModel


class Scope(StrEnum):
    """What an API key may do; all may read.

    `read` is every call that changes nothing, `run` starts and controls evaluations and makes models and
    benchmarks, `admin` is for API keys, keys of providers, budgets and the project.
    """

    READ = "read"
    RUN = "run"
    ADMIN = "admin"


class ApiKey(WireModel):
    """An API key, without the key itself, which nobody can read again.

    Attributes:
        id: unique identifier.
        name: what it is for.
        prefix: how the key begins.
        scopes: what it may do.
        created_at: when it was made (unix seconds).
        last_used_at: when it was last used, to the minute (unix seconds); None if it never was.
    """

    id: str
    name: str
    prefix: str
    scopes: list[Scope]
    created_at: float
    last_used_at: float | None = None


class ApiKeyCreate(WireModel):
    """Body of `POST /organizations/{org}/api-keys`.

    Attributes:
        name: what it is for, 1 to 100 characters.
        scopes: what it may do, of what the caller's own key may; `read` is always among them.
    """

    name: str = Field(min_length=1, max_length=100, pattern=r"\S")
    scopes: list[Scope] = Field(default_factory=lambda: [Scope.READ, Scope.RUN], max_length=3)


class CreatedApiKey(ApiKey):
    """A new API key.

    Attributes:
        key: the key; it can be read this once.
    """

    key: str


class ApiKeyList(WireModel):
    """The API keys of an organisation that are not revoked, the oldest first."""

    api_keys: list[ApiKey]
