"""A benchmark from documents: files and wishes are sent, a model writes, and the page tells how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.responses import Response

from layerlens.models import DOCUMENT_SUFFIXES
from stratix.web import _things
from stratix.web._api import Refused
from stratix.web._pages import InViewer, PageRoute, Viewer
from stratix.web._uploads import send_upload, why

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_TEXTS = ("name", "description", "system_prompt", "model")
_NUMBERS = ("prompts_per_passage", "max_passages")
_SHOWN = {"model_id": "model", **{name: name for name in (*_TEXTS, *_NUMBERS)}}


@router.get("/benchmarks/documents")
async def show_form(viewer: InViewer) -> Response:
    """Ask for documents, and for what is wanted of the prompts."""
    return await _page(viewer, {}, [])


@router.post("/benchmarks/documents")
async def create(viewer: InViewer) -> Response:
    """Have the benchmark generated, of files that came along or were sent before."""
    form = await viewer.form()
    said = {name: str(form.get(name, "")).strip() for name in (*_TEXTS, *_NUMBERS)}
    keys = [str(key) for key in form.getlist("key")]
    try:
        keys += [
            await send_upload(viewer, file)
            for file in form.getlist("file")
            if isinstance(file, UploadFile) and file.filename
        ]
        body: dict[str, Any] = {name: said[name] for name in _TEXTS if name != "model"}
        body |= {name: said[name] for name in _NUMBERS if said[name]}
        body |= {"files": keys, "model_id": said["model"] or None}
        made = (await viewer.send("POST", f"{viewer.project}/smart-benchmarks", body))["data"]
    except Refused as error:
        fields = {_SHOWN[name]: message for name, message in error.fields.items() if name in _SHOWN}
        others = len(fields) < len(error.fields) or not fields
        return await _page(viewer, said, keys, why(error.message, error.fields) if others else "", fields)
    return viewer.go(f"/benchmarks/{made['benchmark_id']}")


@router.get("/benchmarks/{benchmark_id}/generation")
async def show_generation(viewer: InViewer, benchmark_id: str) -> Response:
    """Return the part of the page that shows how far the generation is."""
    found = (await viewer.get(f"{viewer.project}/benchmarks/{benchmark_id}"))["data"]
    return viewer.page("parts/generating.html", benchmark=_things.benchmark(found))


@router.post("/benchmarks/{benchmark_id}/cancel")
async def cancel(viewer: InViewer, benchmark_id: str) -> Response:
    """End the generation of a benchmark."""
    await viewer.send("POST", f"{viewer.project}/smart-benchmarks/{benchmark_id}/cancel")
    return viewer.go(f"/benchmarks/{benchmark_id}")


@router.post("/benchmarks/{benchmark_id}/resume")
async def resume(viewer: InViewer, benchmark_id: str) -> Response:
    """Go on with the generation of a benchmark."""
    await viewer.send("POST", f"{viewer.project}/smart-benchmarks/{benchmark_id}/resume")
    return viewer.go(f"/benchmarks/{benchmark_id}")


async def _page(
    viewer: Viewer,
    said: dict[str, str],
    keys: list[str],
    problem: str = "",
    fields: Mapping[str, str] | None = None,
) -> Response:
    rows = (await viewer.get(f"{viewer.project}/models"))["data"]["models"]
    ready = [model for model in map(_things.model, rows) if model["available"]]
    ready.sort(key=lambda model: (not model["is_custom"], model["name"].casefold()))
    return viewer.page(
        "documents.html",
        http_status=422 if problem or fields else 200,
        said=said,
        keys=keys,
        problem=problem,
        fields=fields or {},
        models=ready,
        suffixes=DOCUMENT_SUFFIXES,
    )
