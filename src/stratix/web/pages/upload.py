"""A benchmark of one's own: a file is sent, its columns are mapped, a preview is shown, and it is made."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, get_args
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from layerlens.models import BENCHMARK_SUFFIXES, AdditionalMetric, InputType
from stratix.web._api import Refused
from stratix.web._mapping import SEVERAL, SINGLE, BadOptions, Described
from stratix.web._pages import InViewer, PageRoute, Viewer
from stratix.web._uploads import open_upload, send_upload, why

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_LONGEST_NOTICE = 600


@router.get("/benchmarks/new")
async def show_form(viewer: InViewer) -> Response:
    """Ask for a file, or show what is in the one that was sent."""
    return await _page(viewer, Described.read(viewer.request.query_params))


@router.get("/benchmarks/new/preview")
async def show_preview(viewer: InViewer) -> Response:
    """Return the part of the page that shows the first rows as a model would see them."""
    said = Described.read(viewer.request.query_params)
    return viewer.page("parts/preview.html", said=said, **await _preview(viewer, said))


@router.post("/benchmarks/new/address")
async def open_address(viewer: InViewer) -> Response:
    """Return where a script may send a file, and where to go then."""
    try:
        asked = await viewer.request.json()
        filename = str(asked["filename"])
        address, key = await open_upload(viewer, filename, int(asked["size"]))
    except (ValueError, TypeError, KeyError):
        return JSONResponse({"message": "Say filename and size, in bytes."}, 422)
    except Refused as error:
        return JSONResponse({"message": why(error.message, error.fields)}, error.status)
    return JSONResponse({"address": address, "key": key, "following": _following(key, filename)})


@router.post("/benchmarks/new/file")
async def take_file(viewer: InViewer) -> Response:
    """Take a file that was sent without scripts."""
    file = (await viewer.form()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return await _page(viewer, Described({}, {}), "Choose a file first.")
    try:
        key = await send_upload(viewer, file)
    except Refused as error:
        return await _page(viewer, Described({}, {}), why(error.message, error.fields))
    return viewer.go(_following(key, file.filename))


@router.post("/benchmarks/new")
async def create(viewer: InViewer) -> Response:
    """Begin to make the benchmark."""
    said = Described.read(await viewer.form())
    if "file" not in said.texts:
        return await _page(viewer, said, "Choose a file first.")
    try:
        body = said.body(dry_run=False)
        begun = (await viewer.send("POST", f"{viewer.project}/custom-benchmarks", body))["data"]
    except Refused as error:
        return await _page(viewer, said, why(error.message, error.fields))
    except BadOptions as error:
        return await _page(viewer, said, str(error))
    return viewer.go(f"/benchmarks/new/imports/{begun['import_id']}?{urlencode(said.pairs)}")


@router.get("/benchmarks/new/imports/{import_id}")
async def show_import(viewer: InViewer, import_id: str) -> Response:
    """Show how far a benchmark is that is being made: then the benchmark, or the form and what is wrong."""
    said = Described.read(viewer.request.query_params)
    going = await _import(viewer, import_id)
    if going["status"] == "running":
        return viewer.page("importing.html", going=going, said=said)
    if (made := going["created"]) is not None:
        return viewer.go(f"/benchmarks/{made['benchmark_id']}", _notice(made["findings"]))
    return await _page(viewer, said, why(going["error"]), going)


@router.get("/benchmarks/new/imports/{import_id}/part")
async def show_import_part(viewer: InViewer, import_id: str) -> Response:
    """Return the part of the page that shows how far it is."""
    return viewer.page("parts/importing.html", going=await _import(viewer, import_id))


async def _import(viewer: Viewer, import_id: str) -> dict[str, Any]:
    found: dict[str, Any] = await viewer.get(f"{viewer.project}/custom-benchmarks/imports/{import_id}")
    return dict(found["data"])


def _notice(findings: list[str]) -> str:
    """Return what is said once it is made, short enough for a cookie."""
    text = " ".join(["It is made.", *findings])
    return text if len(text) <= _LONGEST_NOTICE else f"{text[:_LONGEST_NOTICE]}…"


def _following(key: str, filename: str) -> str:
    """Return the address of the page on which a file is described."""
    name = PurePath(filename).stem[:64]
    return f"/benchmarks/new?{urlencode({'file': key, 'filename': filename, 'name': name})}"


async def _preview(viewer: Viewer, said: Described) -> dict[str, Any]:
    """Return the first rows as a model would see them, or why there are none."""
    found: dict[str, Any] = {"preview": None, "message": "", "lines": [], "more": 0, "columns": []}
    try:
        body = said.body(dry_run=True)
        preview = (await viewer.send("POST", f"{viewer.project}/custom-benchmarks", body))["data"]
        return {**found, "preview": preview, "columns": preview["columns"]}
    except BadOptions as error:
        return {**found, "message": str(error)}
    except Refused as error:
        details = error.details
        return {
            **found,
            "message": why(error.message, error.fields),
            "lines": details.get("lines", []),
            "more": details.get("more", 0),
            "columns": details.get("columns", []),
        }


async def _page(
    viewer: Viewer, said: Described, problem: str = "", refused: dict[str, Any] | None = None
) -> Response:
    status = 422 if problem and refused is None else 200
    if "file" not in said.texts:
        suffixes = BENCHMARK_SUFFIXES
        return viewer.page("upload.html", http_status=status, said=said, problem=problem, suffixes=suffixes)
    options = (await viewer.get("/options"))["data"]
    return viewer.page(
        "mapping.html",
        http_status=status,
        said=said,
        problem=problem,
        refused=refused,
        single=SINGLE,
        several=SEVERAL,
        options=options,
        metrics=get_args(AdditionalMetric),
        input_types=get_args(InputType),
        **await _preview(viewer, said),
    )
