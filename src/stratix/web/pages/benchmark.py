"""One benchmark: what it is, its prompts, installing and verifying it, and its evaluations."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.responses import Response

from stratix.web import _things
from stratix.web._api import Refused
from stratix.web._pages import InViewer, PageRoute, Viewer
from stratix.web._paging import Pages
from stratix.web._uploads import send_upload
from stratix.web._wire import with_names

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_SIZE, _LATEST = 20, 10

SearchedIn = Literal["input", "truth", "id"]


@router.get("/benchmarks/{benchmark_id}")
async def show_benchmark(
    viewer: InViewer, benchmark_id: str, q: str = "", field: SearchedIn = "input", page: int = 1
) -> Response:
    """Show a benchmark."""
    return await _page(viewer, benchmark_id, q, field, page)


@router.post("/benchmarks/{benchmark_id}/install")
async def install(viewer: InViewer, benchmark_id: str) -> Response:
    """Begin to install a benchmark: from its sources, or from files that came along or were sent before."""
    form = await viewer.form()
    try:
        keys = [str(key) for key in form.getlist("key")]
        keys += [
            await send_upload(viewer, file)
            for file in form.getlist("file")
            if isinstance(file, UploadFile) and file.filename
        ]
        body = {"wait": False, "files": keys or None}
        await viewer.send("POST", f"{viewer.project}/benchmarks/{benchmark_id}/install", body)
    except Refused as error:
        return await _page(viewer, benchmark_id, problem=error.message)
    return viewer.go(f"/benchmarks/{benchmark_id}")


@router.get("/benchmarks/{benchmark_id}/install")
async def show_progress(viewer: InViewer, benchmark_id: str) -> Response:
    """Return the part of the page that shows how far the installation is."""
    found = (await viewer.get(f"{viewer.project}/benchmarks/{benchmark_id}/install"))["data"]
    return viewer.page("parts/installing.html", installing=found)


@router.post("/benchmarks/{benchmark_id}/verify")
async def verify(viewer: InViewer, benchmark_id: str) -> Response:
    """Begin to check an installed benchmark."""
    await viewer.send("POST", f"{viewer.project}/benchmarks/{benchmark_id}/verify", {"wait": False})
    return viewer.go(f"/benchmarks/{benchmark_id}#verification")


@router.get("/benchmarks/{benchmark_id}/verify")
async def show_verifying(viewer: InViewer, benchmark_id: str) -> Response:
    """Return the part of the page that shows how far the verification is."""
    found = (await viewer.get(f"{viewer.project}/benchmarks/{benchmark_id}/verify"))["data"]
    return viewer.page("parts/verifying.html", verifying=found)


async def _page(
    viewer: Viewer,
    benchmark_id: str,
    q: str = "",
    field: SearchedIn = "input",
    page: int = 1,
    problem: str = "",
) -> Response:
    path = f"{viewer.project}/benchmarks/{benchmark_id}"
    benchmark = _things.benchmark((await viewer.get(path))["data"])
    prompts: dict[str, Any] = {"prompts": [], "count": 0}
    verifying: dict[str, Any] = {"status": "none"}
    if benchmark["installed"]:
        query = {"search": field, "search_value": q, "page": max(1, page), "page_size": _SIZE}
        prompts = (await viewer.get(f"{path}/prompts", **query))["data"]
        verifying = (await viewer.get(f"{path}/verify"))["data"]
    installing = None
    if not benchmark["is_custom"]:
        installing = (await viewer.get(f"{path}/install"))["data"]
    found = await viewer.get(
        "/evaluations",
        organization_id=viewer.session.organization_id,
        project_id=viewer.session.project_id,
        datasets=benchmark_id,
        page_size=_LATEST,
    )
    return viewer.page(
        "benchmark.html",
        http_status=422 if problem else 200,
        benchmark=benchmark,
        prompts=prompts["prompts"],
        pages=Pages(viewer.request, page, _SIZE, prompts["count"]),
        q=q,
        field=field,
        installing=installing,
        verifying=verifying,
        problem=problem,
        evaluations=[with_names(row) for row in found["evaluations"]],
        evaluation_count=found["total_count"],
    )
