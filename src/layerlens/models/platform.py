"""What there is of a platform: keys of providers, and what it keeps."""

from __future__ import annotations

from pydantic import Field

from ._base import WireModel


class ProviderStatus(WireModel):
    """A provider of public models, and whether the server has a key for it.

    Attributes:
        key: what models name it by.
        name: the name people use.
        variables: environment variables that may hold its key where the server runs; empty where it wants
            none.
        has_key: True if one of them is set, or none is needed.
        masked_key: the end of the key that is set; "" where there is none, or it is too short to show any.
        models: number of public models that it serves.
        docs: where its API is described.
    """

    key: str
    name: str
    variables: list[str] = Field(default_factory=list)
    has_key: bool
    masked_key: str = ""
    models: int = 0
    docs: str = ""


class ProviderList(WireModel):
    """The providers of public models, by name."""

    providers: list[ProviderStatus]


class StorageUse(WireModel):
    """What the platform keeps.

    Attributes:
        database: `sqlite` or `postgresql`.
        database_bytes: size of the whole database.
        download_bytes: size of the benchmark files that were downloaded.
        rows: how many of which things the organisation has.
    """

    database: str
    database_bytes: int
    download_bytes: int
    rows: dict[str, int]
