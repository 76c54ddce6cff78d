"""What every route works with, handed in by the composition root."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from stratix.settings import Settings
from stratix.storage.database import Database
from stratix.storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of the platform that routes use.

    Attributes:
        database: migrated and bootstrapped.
        vault: encrypts the API keys of custom models.
        settings: the installation's settings.
        environ: where the API keys of model providers are looked up.
        stopping: tells that the server shuts down, so that long polls leave.
        parsing: lets two uploaded files be read at a time, for each may take a few hundred MB.
    """

    database: Database
    vault: Vault
    settings: Settings
    environ: Mapping[str, str] = field(repr=False)
    stopping: Callable[[], bool]
    parsing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2), repr=False)


def _context(request: Request) -> Context:
    return cast(Context, request.app.state.context)


InContext = Annotated[Context, Depends(_context)]
