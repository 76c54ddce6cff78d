"""What a project has: public things, which are added to it and taken out, and custom ones."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Literal, TypeVar

import httpx

from layerlens import _aio
from layerlens._async._session import AsyncSession
from layerlens._config import as_timeout
from layerlens._protocol import Call, body_of
from layerlens.models import ProjectUpdate, ProjectUpdated

Thing = TypeVar("Thing")

Kind = Literal["custom", "public"]


async def of_kinds(kind: Kind | None, fetch: _aio.Fetcher[Kind, list[Thing]]) -> list[Thing]:
    """Fetch the things of a kind, or of both at once, custom ones first."""
    kinds: tuple[Kind, ...] = (kind,) if kind else ("custom", "public")
    lists = await _aio.gather([partial(fetch, one) for one in kinds], limit=len(kinds))
    return [thing for found in lists for thing in found]


async def set_in_project(
    session: AsyncSession,
    timeout: float | httpx.Timeout | None,
    *,
    models: Iterable[str] | None = None,
    benchmarks: Iterable[str] | None = None,
) -> bool:
    """Set which public models, or which public benchmarks, the project has; return True once they are.

    Args:
        session: what it is sent through.
        timeout: seconds the request may take, in place of the client's setting.
        models: ids of all of them; None leaves them.
        benchmarks: likewise.

    Raises:
        APIError: the server could not be asked, or knows no such thing.
    """
    body = body_of(ProjectUpdate, models=_each_once(models), benchmarks=_each_once(benchmarks))
    path = await session.project_path()
    await session.send(Call("PATCH", path, ProjectUpdated, body=body, timeout=as_timeout(timeout)))
    return True


def _each_once(ids: Iterable[str] | None) -> list[str] | None:
    return None if ids is None else list(dict.fromkeys(ids))
