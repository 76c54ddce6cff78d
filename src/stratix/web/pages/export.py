"""All results of an evaluation as a file, written while it is read."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal

import orjson
from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from stratix.web._pages import InViewer, PageRoute, Viewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_ROWS = 200
_TYPES = {"jsonl": "application/jsonl", "csv": "text/csv; charset=utf-8"}


@router.get("/evaluations/{evaluation_id}/export.{form}")
async def export(viewer: InViewer, evaluation_id: str, form: Literal["jsonl", "csv"]) -> Response:
    """Send all results, a page of the API at a time, whatever filters the address has besides."""
    evaluation = await viewer.get(f"/evaluations/{evaluation_id}")
    name = f"{evaluation['model_key']}-{evaluation['benchmark_key']}-{evaluation_id}.{form}"
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    filters = {
        key: value for key, value in viewer.request.query_params.items() if key not in {"page", "page_size"}
    }
    first = await _page(viewer, evaluation_id, filters, None)
    return StreamingResponse(
        _written(viewer, evaluation_id, filters, first, {"jsonl": _jsonl, "csv": _csv}[form]),
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
    viewer: Viewer,
    evaluation_id: str,
    filters: dict[str, str],
    page: dict[str, Any],
    write: Callable[[list[dict[str, Any]], bool], bytes],
) -> AsyncIterator[bytes]:
    yield write(page["results"], True)
    while (cursor := page.get("next_cursor")) is not None:
        page = await _page(viewer, evaluation_id, filters, cursor)
        yield write(page["results"], False)


def _jsonl(rows: list[dict[str, Any]], is_first: bool) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def _csv(rows: list[dict[str, Any]], is_first: bool) -> bytes:
    if not rows:
        return b""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    if is_first:
        writer.writeheader()
    for row in rows:
        writer.writerow(
            {
                name: orjson.dumps(value).decode() if isinstance(value, dict | list) else value
                for name, value in row.items()
            }
        )
    return text.getvalue().encode(errors="backslashreplace")
