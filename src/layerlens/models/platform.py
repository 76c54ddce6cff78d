"""What there is of a platform: keys of providers, and what it keeps."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field

from ._base import WireModel

KeySource: TypeAlias = Literal["project", "environment", "none"]
"""Where the key of a provider comes from."""

MAX_PROVIDER_KEY = 4096


def _check_provider_key(api_key: str) -> str:
    if not api_key.strip():
        raise ValueError("is empty: give the key as the provider shows it")
    if not all(" " < letter <= "~" for letter in api_key):
        raise ValueError(
            "has a blank, a line break or another character that no key has: it is sent in a header, which "
            "carries letters, digits and punctuation of ASCII alone; copy it again"
        )
    if len(api_key) > MAX_PROVIDER_KEY:
        raise ValueError(f"has more than {MAX_PROVIDER_KEY} characters: copy the key alone")
    return api_key


class ProviderStatus(WireModel):
    """A provider of public models, and whether there is a key for it.

    Attributes:
        key: what models name it by.
        name: the name people use.
        variables: environment variables that may hold its key where the server runs; empty where it wants
            none.
        has_key: True if there is a key, or none is needed.
        source: where the key comes from: `project`, which has stored one, the server's `environment`, or
            `none`. That of the project goes before that of the environment.
        masked_key: beginning and end of the key; "" where there is none, or it is too short to show any.
        created_at: when the project first stored a key (unix seconds); None where it has none.
        changed_at: when the key it has was stored (unix seconds).
        changed_by: name of the API key with which that was done; "" if it took none.
        models: number of public models that it serves.
        docs: where its API is described.
    """

    key: str
    name: str
    variables: list[str] = Field(default_factory=list)
    has_key: bool
    source: KeySource = "none"
    masked_key: str = ""
    created_at: float | None = None
    changed_at: float | None = None
    changed_by: str = ""
    models: int = 0
    docs: str = ""


class ProviderList(WireModel):
    """The providers of public models, by name."""

    providers: list[ProviderStatus]


class ProviderKeySet(WireModel):
    """Body of `PUT .../provider-keys/{provider}`.

    Attributes:
        api_key: the key as the provider shows it, 1 to 4096 visible ASCII characters; stored encrypted, and
            never sent back.
    """

    api_key: Annotated[str, AfterValidator(_check_provider_key)] = Field(repr=False)


class StorageUse(WireModel):
    """What the platform keeps.

    Attributes:
        database: `sqlite` or `postgresql`.
        database_bytes: size of the whole database.
        database_free_bytes: bytes of these that hold nothing at the moment, since something was deleted; None
            where the database does not tell.
        download_bytes: size of the benchmark files that were downloaded.
        files: bytes of all files of the server's data folder by kind: `database`, `queue`, `downloads`,
            `columns` and `search` of large evaluations, `other`.
        rows: how many of which things the organisation has.
    """

    database: str
    database_bytes: int
    database_free_bytes: int | None = None
    download_bytes: int
    files: dict[str, int] = Field(default_factory=dict)
    rows: dict[str, int]
