"""The results of an evaluation: a table to filter, sort and search, and one result in full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.responses import Response

from stratix.web._api import Refused
from stratix.web._differences import differences
from stratix.web._markdown import markdown
from stratix.web._pages import InViewer, PageRoute
from stratix.web._reading import gist, messages, pretty, reasoning
from stratix.web._searching import preparing
from stratix.web._wire import with_names

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_SIZE = 50
_BRIEF = 500
_WHOLE = 20_000
"""Characters of a text that are shown unless all of it is asked for."""

_RANGES = ("min_score", "max_score", "min_tokens", "max_tokens", "min_latency", "max_latency")
_FILTERS = ("outcome", "subset", "search", *_RANGES, "epoch", "cached")
_VIEW = (*_FILTERS, "sort_by", "order")
_DESCENDING = {"tokens", "latency", "length"}


@router.get("/evaluations/{evaluation_id}/results")
async def list_results(viewer: InViewer, evaluation_id: str) -> Response:
    """Show the results, as the address says."""
    here = f"/evaluations/{evaluation_id}/results"
    asked = _asked(viewer.request.query_params)
    evaluation = with_names(await viewer.get(f"/evaluations/{evaluation_id}"))
    found, problem, waiting = _NOTHING, "", None
    try:
        if viewer.request.query_params.get("scan") != "1":
            waiting = await preparing(viewer, [evaluation_id], asked.get("search", ""))
        if waiting is None:
            found = await viewer.get(
                "/results", evaluation_id=evaluation_id, page_size=_SIZE, max_text=_BRIEF, **asked
            )
    except Refused as error:
        if error.status != 422:
            raise
        problem = error.message
    view = {name: value for name, value in asked.items() if name != "cursor"}
    return viewer.page(
        "results.html",
        http_status=422 if problem else 200,
        evaluation=evaluation,
        here=here,
        asked=asked,
        chosen=asked.get("outcome", "").split(","),
        problem=problem,
        preparing=waiting,
        following=_link(f"/evaluations/{evaluation_id}/searching", {"search": asked.get("search", "")}),
        scan=_link(here, {**asked, "scan": "1"}),
        rows=[_row(row, here, asked) for row in found["results"]],
        total=found["metrics"]["total_count"],
        first=found["first"],
        previous=_page_link(here, view, found["previous_cursor"]),
        next=_page_link(here, view, found["next_cursor"]),
        sorting=_sorting(here, view),
        filtered=any(name in asked for name in _FILTERS),
        ranged=any(name in asked for name in (*_RANGES, "epoch", "cached")),
        all=_link(here, {name: asked[name] for name in ("sort_by", "order") if name in asked}),
    )


@router.get("/evaluations/{evaluation_id}/searching")
async def show_searching(viewer: InViewer, evaluation_id: str, search: str) -> Response:
    """Return the part of the page that says how far the texts can be searched."""
    waiting = await preparing(viewer, [evaluation_id], search)
    return viewer.page("parts/searching.html", preparing=waiting)


@router.get("/evaluations/{evaluation_id}/results/{place}")
async def show_result(viewer: InViewer, evaluation_id: str, place: str) -> Response:
    """Show one result in full, and what is beside it among those the address chooses."""
    parts = place.split("-")
    if len(parts) != 2 or not all(part.isascii() and part.isdecimal() for part in parts):
        raise HTTPException(404, "There is no page at this address.")
    result_id = f"{evaluation_id}:{parts[0]}:{parts[1]}"
    result = await viewer.get(f"/results/{result_id}")
    evaluation = with_names(await viewer.get(f"/evaluations/{evaluation_id}"))
    asked = _asked(viewer.request.query_params)
    view = {name: value for name, value in asked.items() if name != "cursor"}
    here = f"/evaluations/{evaluation_id}/results"
    try:
        if await preparing(viewer, [evaluation_id], view.get("search", "")) is not None:
            beside = _ALONE
        else:
            beside = await viewer.get(f"/results/{result_id}/neighbours", **view)
    except Refused as error:
        if error.status != 422:
            raise
        beside, view = await viewer.get(f"/results/{result_id}/neighbours"), {}
    others = await viewer.get(f"/results/{result_id}/others")
    given = viewer.request.query_params
    whole, as_markdown = given.get("full") == "1", given.get("as") == "markdown"
    shown = result["result"] if whole else result["result"][:_WHOLE]
    own = f"{here}/{place}"
    state = {**asked, **({"full": "1"} if whole else {}), **({"as": "markdown"} if as_markdown else {})}
    expected = differences(result["truth"][:_WHOLE], (result["extracted"] or "")[:_WHOLE])
    return viewer.page(
        "result.html",
        evaluation=evaluation,
        result=result,
        number=int(parts[1]) + 1,
        total=beside["total_count"],
        at=beside["first"],
        back=_link(here, asked),
        previous=_place_link(here, beside["previous"], asked),
        next=_place_link(here, beside["next"], asked),
        messages=messages(result["request"], result["prompt"]),
        reasoning=reasoning(result["response"]),
        answer=markdown(shown) if as_markdown else shown,
        as_markdown=as_markdown,
        is_cut=len(shown) < len(result["result"]),
        limit=None if whole else _WHOLE,
        toggle=_link(own, {**state, "as": "" if as_markdown else "markdown"}),
        full=_link(own, {**state, "full": "1"}),
        expected=expected,
        scorer=_scorer(evaluation, result),
        raw=[
            ("Request as it was sent", pretty(result["request"])),
            ("Response as it came", pretty(result["response"])),
        ],
        others=others["others"],
    )


_ALONE: dict[str, Any] = {"previous": None, "next": None, "total_count": 0, "first": None}
_NOTHING: dict[str, Any] = {
    "results": [],
    "metrics": {"total_count": 0},
    "previous_cursor": None,
    "next_cursor": None,
    "first": 0,
}


def _asked(given: QueryParams) -> dict[str, str]:
    """Return what an address asks for, without the fields of a form that were left empty."""
    found = {name: given[name] for name in (*_VIEW, "cursor") if given.get(name)}
    if outcomes := [value for value in given.getlist("outcome") if value]:
        found["outcome"] = ",".join(outcomes)
    return found


def _link(path: str, parameters: Mapping[str, str]) -> str:
    given = {name: value for name, value in parameters.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def _page_link(here: str, view: Mapping[str, str], cursor: str | None) -> str:
    return _link(here, {**view, "cursor": cursor}) if cursor else ""


def _place_link(here: str, result_id: str | None, asked: Mapping[str, str]) -> str:
    if result_id is None:
        return ""
    return _link(f"{here}/{'-'.join(result_id.split(':')[1:])}", asked)


def _row(row: dict[str, Any], here: str, asked: Mapping[str, str]) -> dict[str, Any]:
    return {
        **row,
        "link": _place_link(here, row["result_id"], asked),
        "number": int(row["result_id"].rsplit(":", 1)[1]) + 1,
        "prompt": gist(row["prompt"]),
    }


def _sorting(here: str, view: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return for each column where its head leads, and how the rows stand now."""
    by, order = view.get("sort_by", "position"), view.get("order", "asc")
    found = {}
    for name in ("position", "subset", "outcome", "score", "tokens", "latency", "length"):
        first = "desc" if name in _DESCENDING else "asc"
        turned = "asc" if order == "desc" else "desc"
        new = turned if name == by else first
        found[name] = {
            "link": _link(here, {**view, "sort_by": name, "order": new}),
            "now": {"asc": "ascending", "desc": "descending"}[order] if name == by else "",
        }
    return found


def _scorer(evaluation: dict[str, Any], result: dict[str, Any]) -> dict[str, str] | None:
    """Return name and version of what judged a result; None where that is not kept."""
    settings = evaluation["settings"] or {}
    task, versions = settings.get("task") or {}, settings.get("scorers") or {}
    if evaluation["shown_scoring_id"] is not None or not task.get("scorer"):
        return None
    spec = task.get("subset_scorers", {}).get(result["subset"], task["scorer"])
    if evaluation["judge_model_id"] and task.get("judged_scorer"):
        spec = task["judged_scorer"]
    return {"name": spec["name"], "version": str(versions.get(spec["name"], ""))}
