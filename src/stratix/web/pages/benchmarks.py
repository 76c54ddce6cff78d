"""The benchmarks of the project: what there is."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from stratix.web import _things
from stratix.web._facets import narrowed
from stratix.web._pages import InViewer, PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_FACETS = {"kinds": "Category", "language_name": "Language", "state": "Installed", "scored_by": "Scored by"}


@router.get("/benchmarks")
async def list_benchmarks(viewer: InViewer) -> Response:
    """Show the benchmarks, searched and narrowed down."""
    found = (await viewer.get(f"{viewer.project}/benchmarks"))["data"]["datasets"]
    rows = [_things.benchmark(row) for row in found]
    query = dict(viewer.request.query_params)
    shown, facets = narrowed(rows, _FACETS, query, ("name", "key", "about", "kinds"))
    return viewer.page(
        "benchmarks.html",
        benchmarks=sorted(shown, key=lambda row: row["name"].casefold()),
        total=len(rows),
        facets=facets,
        q=query.get("q", ""),
        filtered=bool(query.get("q")) or any(facet.chosen for facet in facets),
    )
