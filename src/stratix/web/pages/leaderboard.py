"""Models ranked: on one benchmark with how sure each place is, and over several side by side."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from stratix.charts import leaderboard as charts
from stratix.web._charts import Charts
from stratix.web._pages import InViewer, PageRoute, Viewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)
drawn = Charts()

_FACETS = ("company", "size", "license")
OWN = "your own"
"""What stands for the company of a custom model."""


@router.get("/leaderboard")
async def show_leaderboard(viewer: InViewer) -> Response:
    """Rank the models of the benchmarks in the address: `benchmark`, once or more."""
    offered = await _benchmarks(viewer)
    chosen = viewer.request.query_params.getlist("benchmark") or [one["id"] for one in offered[:1]]
    report = await _report(viewer, chosen) if chosen else {"leaderboards": [], "matrix": []}
    known = {one["id"] for one in offered}
    offered += [
        {"id": board["benchmark_id"], "name": board["benchmark_name"], "models": 0}
        for board in report["leaderboards"]
        if board["benchmark_id"] not in known
    ]
    return viewer.page(
        "leaderboard.html",
        offered=offered,
        chosen=chosen,
        boards=report["leaderboards"],
        matrix=report["matrix"],
        facets=report.get("facets", {}),
        filters={name: viewer.request.query_params.get(name, "") for name in _FACETS},
        query=lambda board: urlencode([*viewer.request.query_params.multi_items(), ("board", board)]),
    )


@drawn.chart("accuracy-cost")
async def cost_chart(viewer: Viewer) -> tuple[Any, ...]:
    """What accuracy costs."""
    board = await _board(viewer)
    rows = _offers(board, "per_thousand")
    title = f"{board['benchmark_name']}: accuracy against cost"
    return charts.trade_off, rows, title, "dollars for 1,000 answers"


@drawn.chart("accuracy-latency")
async def latency_chart(viewer: Viewer) -> tuple[Any, ...]:
    """How long accuracy takes."""
    board = await _board(viewer)
    title = f"{board['benchmark_name']}: accuracy against response time"
    return charts.trade_off, _offers(board, "seconds"), title, "seconds an answer takes on average"


def _offers(board: dict[str, Any], price: str) -> list[charts.Offer]:
    found = []
    for entry in board["entries"]:
        if entry[price] is not None:
            low, high = entry["accuracy_interval"] or (entry["accuracy"], entry["accuracy"])
            found.append(charts.Offer(entry["model_name"], entry[price], entry["accuracy"], low, high))
    return found


async def _board(viewer: Viewer) -> dict[str, Any]:
    report = await _report(viewer, [viewer.request.query_params.get("board", "")])
    board: dict[str, Any] = report["leaderboards"][0]
    return board


async def _benchmarks(viewer: Viewer) -> list[dict[str, Any]]:
    """Return the benchmarks that models have succeeded on, those with the most models first."""
    session = viewer.session
    scope = {"organization_id": session.organization_id, "project_id": session.project_id}
    found = (await viewer.get("/leaderboards/benchmarks", **scope))["benchmarks"]
    return [
        {"id": one["benchmark_id"], "name": one["benchmark_name"], "models": one["models"]} for one in found
    ]


async def _report(viewer: Viewer, benchmarks: list[str]) -> dict[str, Any]:
    """Return leaderboards and matrix of those models that pass the filters of the address."""
    report: dict[str, Any] = await viewer.get(
        "/leaderboards",
        benchmarks=",".join(benchmarks),
        organization_id=viewer.session.organization_id,
        project_id=viewer.session.project_id,
        limit=viewer.request.query_params.get("limit", ""),
    )
    listed = (await viewer.get(f"{viewer.project}/models"))["data"]["models"]
    about = {model["id"]: {name: model.get(name) or "" for name in _FACETS} for model in listed}
    ranked = {row["model_id"] for row in report["matrix"]}
    own = {"company": OWN, "size": "", "license": ""}
    traits = {one: {**own, **{k: v for k, v in about.get(one, {}).items() if v}} for one in ranked}
    facets = {
        name: sorted({trait[name] for trait in traits.values() if trait[name]}, key=str.casefold)
        for name in _FACETS
    }
    wanted = {name: viewer.request.query_params.get(name, "") for name in _FACETS}
    fits = {
        one
        for one, trait in traits.items()
        if all(not value or trait[name] == value for name, value in wanted.items())
    }
    boards = [
        {
            **board,
            "entries": [
                {**entry, **traits[entry["model_id"]], **_prices(entry, board)}
                for entry in board["entries"]
                if entry["model_id"] in fits
            ],
            "ranked": len(board["entries"]),
        }
        for board in report["leaderboards"]
    ]
    matrix = [row for row in report["matrix"] if row["model_id"] in fits]
    return {"leaderboards": boards, "matrix": matrix, "facets": facets}


def _prices(entry: dict[str, Any], board: dict[str, Any]) -> dict[str, float | None]:
    answers = max(1, board["prompt_count"] * entry["epochs"])
    cost = entry["cost"]
    return {
        "per_thousand": None if cost is None else cost / answers * 1000,
        "seconds": entry["average_duration"] / 1000 or None,
    }
