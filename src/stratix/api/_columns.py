"""What routes that compare evaluations work on."""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from fastapi import Depends, Request

from stratix.api._context import InContext
from stratix.api._errors import ApiError
from stratix.evaluations.preparing import folder
from stratix.storage import text_index
from stratix.storage.database import Record
from stratix.storage.text_index import TextIndexes

if TYPE_CHECKING:
    from stratix.evaluations.columns import Columns


async def shared_columns(request: Request, context: InContext) -> Any:
    """Return the columns that all requests share; the first one waits for their library."""
    if not hasattr(request.app.state, "columns"):
        # It takes a fifth of a second to import: neither a start nor the loop waits for it.
        module = await asyncio.to_thread(importlib.import_module, "stratix.evaluations.side_by_side")
        if not hasattr(request.app.state, "columns"):
            data = context.settings.data_dir
            indexes = TextIndexes(context.database, text_index.folder(data))
            request.app.state.columns = module.Columns(context.database, folder(data), indexes=indexes)
    return request.app.state.columns


InColumns: TypeAlias = "Annotated[Columns, Depends(shared_columns)]"
if not TYPE_CHECKING:  # The framework looks at the type at run time, when it is not to be imported yet.
    InColumns = Annotated[Any, Depends(shared_columns)]


def same_benchmark(*compared: Record) -> None:
    """Refuse to compare evaluations of different benchmarks.

    Raises:
        ApiError: 422, they are.
    """
    if len({one.benchmark_id for one in compared}) > 1:
        names = " and ".join(dict.fromkeys(repr(one.benchmark_name) for one in compared))
        raise ApiError(
            422,
            f"These evaluations are of different benchmarks, {names}: only answers to the same prompts "
            "can be compared. The leaderboard shows several benchmarks side by side.",
        )
