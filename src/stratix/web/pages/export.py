"""All results of an evaluation as a file, sent while they are read."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from typing import IO, Any, cast

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from layerlens.models import Result
from stratix.exporting import ExportFormat, Write, writer
from stratix.web._pages import InViewer, PageRoute, Viewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_ROWS = 200
_TYPES: dict[ExportFormat, str] = {
    "jsonl": "application/jsonl",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


@router.get("/evaluations/{evaluation_id}/export.{form}")
async def export(viewer: InViewer, evaluation_id: str, form: ExportFormat) -> Response:
    """Send all results, a page of the API at a time, whatever filters the address has besides."""
    evaluation = await viewer.get(f"/evaluations/{evaluation_id}")
    name = f"{evaluation['model_key']}-{evaluation['benchmark_key']}-{evaluation_id}.{form}"
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    filters = {
        key: value for key, value in viewer.request.query_params.items() if key not in {"page", "page_size"}
    }
    first = await _page(viewer, evaluation_id, filters, None)
    return StreamingResponse(
        _written(viewer, evaluation_id, filters, first, form),
        media_type=_TYPES[form],
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
        },
    )


async def _page(viewer: Viewer, evaluation_id: str, filters: dict[str, str], cursor: str | None) -> Any:
    query = {**filters, "evaluation_id": evaluation_id, "page_size": _ROWS, "cursor": cursor}
    return await viewer.get("/results", **query)


async def _written(
    viewer: Viewer, evaluation_id: str, filters: dict[str, str], page: dict[str, Any], form: ExportFormat
) -> AsyncIterator[bytes]:
    pipe = _Pipe()
    opened = writer(form, cast(IO[bytes], pipe))
    # Packing a row group of Parquet takes a while, in which others shall be answered.
    write = await asyncio.to_thread(opened.__enter__)
    while True:
        await asyncio.to_thread(_add, write, page["results"])
        if written := pipe.take():
            yield written
        if (cursor := page.get("next_cursor")) is None:
            break
        page = await _page(viewer, evaluation_id, filters, cursor)
    await asyncio.to_thread(opened.__exit__, None, None, None)
    yield pipe.take()


def _add(write: Write, rows: list[dict[str, Any]]) -> None:
    write([Result.model_validate(row) for row in rows])


class _Pipe(io.RawIOBase):
    """A file that is sent on as it is written; it holds what has not been taken yet."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = bytearray()
        self._sent = 0

    def writable(self) -> bool:
        """Say that it can be written."""
        return True

    def write(self, data: Any, /) -> int:
        """Take bytes and return how many."""
        self._waiting += data
        return len(data)

    def tell(self) -> int:
        """Return the bytes written so far."""
        return self._sent + len(self._waiting)

    def take(self) -> bytes:
        """Return the bytes that were written since the last time."""
        taken = bytes(self._waiting)
        self._sent += len(taken)
        self._waiting.clear()
        return taken
