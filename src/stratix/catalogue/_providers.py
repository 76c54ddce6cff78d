"""Providers: where the public models are served, and which environment variables hold their keys."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field

_FILE = Path(__file__).parent / "providers.toml"


class MissingKey(Exception):  # reads as what happened: "except MissingKey"
    """The provider needs an API key and there is none; the message says how to set one."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests to a provider go.

    Attributes:
        base_url: what `/chat/completions` is appended to, without a trailing slash; "" for models
            that run on this machine.
        api_key: the secret; None for a provider that wants none. Kept out of `repr`.
    """

    base_url: str
    api_key: str | None = field(default=None, repr=False)


class Provider(BaseModel):
    """One provider, as `catalogue/providers.toml` states it.

    Attributes:
        key: what models name it by.
        name: the name people use.
        protocol: the file of `providers/` that speaks to it.
        base_url: the default address; "" for models that run on this machine.
        key_variables: environment variables that may hold the API key, the usual one first; empty
            where no key is wanted.
        base_url_variable: environment variable that replaces `base_url`.
        docs: where its API is described.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=r"^[a-z0-9-]+$")
    name: str
    protocol: str = "openai"
    base_url: str = ""
    key_variables: tuple[str, ...] = ()
    base_url_variable: str | None = None
    docs: str = ""

    def key_in(self, environ: Mapping[str, str]) -> str | None:
        """Return the API key that an environment holds; None for none. Blank variables count as unset."""
        values = (environ.get(variable, "").strip() for variable in self.key_variables)
        return next(filter(None, values), None)

    def resolve(self, environ: Mapping[str, str], stored: str | None = None) -> Endpoint:
        """Return the provider's address and key.

        Args:
            environ: may hold the key, and another address; blank variables count as unset.
            stored: the key that the project has stored, which goes before the environment's.

        Raises:
            MissingKey: the provider wants a key, and there is neither.
        """
        override = environ.get(self.base_url_variable or "", "").strip()
        base_url = (override or self.base_url).rstrip("/")
        if not self.key_variables:
            return Endpoint(base_url)
        if api_key := stored or self.key_in(environ):
            return Endpoint(base_url, api_key)
        raise MissingKey(
            f"No API key for {self.name} is configured. Set {' or '.join(self.key_variables)} where Stratix "
            "runs and start it again, or store a key for the project: in the settings of the dashboard, or "
            f"with stratix providers set-key {self.key}."
        )


@cache
def providers() -> Mapping[str, Provider]:
    """Return the known providers by key; read once and kept."""
    entries = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return MappingProxyType({key: Provider(key=key, **entry) for key, entry in entries.items()})


def provider(key: str) -> Provider:
    """Return a provider by its key.

    Raises:
        KeyError: there is none; the message lists those there are.
    """
    known = providers()
    if key not in known:
        raise KeyError(f"there is no provider {key!r}; known: {', '.join(sorted(known))}")
    return known[key]
