"""The models of the project: what there is, and adding one's own."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from stratix.web import _things
from stratix.web._api import Refused
from stratix.web._endpoint import BadForm, created, shown_fields
from stratix.web._facets import narrowed
from stratix.web._pages import InViewer, PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_FACETS = {
    "maker": "Company",
    "size_name": "Size",
    "license": "Licence",
    "weights": "Weights",
    "region_name": "Region",
    "state": "API key",
}
_SORTS: dict[str, tuple[str, bool]] = {
    "ready": ("name", False),
    "name": ("name", False),
    "released": ("released_at", True),
    "size": ("parameters", True),
    "price": ("output_price", False),
    "context": ("context_length", True),
}


@router.get("/models")
async def list_models(viewer: InViewer, sort: str = "ready") -> Response:
    """Show the models, searched and narrowed down."""
    rows = [_things.model(row) for row in (await viewer.get(f"{viewer.project}/models"))["data"]["models"]]
    query = dict(viewer.request.query_params)
    found, facets = narrowed(rows, _FACETS, query, ("name", "key", "maker", "description"))
    field, highest = _SORTS.get(sort, _SORTS["ready"])
    shown = _sorted(found, field, highest)
    if sort not in _SORTS or sort == "ready":
        shown.sort(key=lambda row: not row["available"])
    return viewer.page(
        "models.html",
        models=shown,
        total=len(rows),
        facets=facets,
        q=query.get("q", ""),
        sort=sort,
        filtered=bool(query.get("q")) or any(facet.chosen for facet in facets),
    )


@router.get("/models/new")
async def show_form(viewer: InViewer) -> Response:
    """Show the form that adds a model."""
    return viewer.page("model_form.html", said={"max_tokens": "4096"}, problem="", fields={})


@router.post("/models/new")
async def create_model(viewer: InViewer) -> Response:
    """Add a model of one's own."""
    form = await viewer.form()
    said = {name: str(value) for name, value in form.items()}
    try:
        made = await viewer.send("POST", f"{viewer.project}/custom-models", created(said))
    except BadForm as error:
        problem, fields = "", error.fields
    except Refused as error:
        problem, fields = error.message, shown_fields(error.fields)
    else:
        address = f"/models/{made['data']['model_id']}"
        return viewer.go(address, "The model is added. Try it before you use it.")
    # Its key is not sent back, not even to whoever has just written it.
    said["api_key"] = ""
    return viewer.page("model_form.html", http_status=422, said=said, problem=problem, fields=fields)


def _sorted(rows: list[dict[str, Any]], field: str, highest: bool) -> list[dict[str, Any]]:
    """Sort by a field; what does not have it comes last."""
    having = sorted((row for row in rows if row.get(field)), key=lambda row: row["name"].casefold())
    if field != "name":
        having.sort(key=lambda row: row[field], reverse=highest)
    return having + [row for row in rows if not row.get(field)]
