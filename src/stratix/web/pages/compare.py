"""Evaluations side by side: which is better, by how much, where, and on which prompts."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from stratix.charts import comparison as charts
from stratix.web._api import Refused
from stratix.web._charts import Charts
from stratix.web._differences import differences
from stratix.web._pages import InViewer, PageRoute, Viewer
from stratix.web._paging import Pages, address
from stratix.web._searching import preparing
from stratix.web._wire import with_names

router = APIRouter(route_class=PageRoute, include_in_schema=False)
drawn = Charts()

LETTERS = "abcdef"
_FINISHED = "success,failure,timeout,cancelled"
_OFFERED = 12
_SIZE = 10
_LONGEST_NAME = 48

Show = Literal["disagree", "both_succeed", "comparison_fails", "reference_fails", "both_fail", "all"]


@router.get("/compare")
async def compare(
    viewer: InViewer,
    find: Annotated[str, Query(max_length=500)] = "",
    show: Show = "disagree",
    subset: str = "",
    search: str = "",
    page: int = 1,
) -> Response:
    """Compare evaluations, or choose some: `a` to `f` in the address are their ids."""
    ids = _ids(viewer)
    chosen = [with_names(await viewer.get(f"/evaluations/{one}")) for one in ids]
    values: dict[str, Any] = {"report": None, "problem": "", "rows": [], "pages": None, "preparing": None}
    if len(chosen) > 1:
        try:
            values["report"] = _readable(await viewer.get("/comparisons", evaluations=",".join(ids)))
            values["preparing"] = await preparing(viewer, ids[:2], search)
            if values["preparing"] is None:
                found = await viewer.get(
                    "/comparisons/disagreements",
                    evaluations=",".join(ids[:2]),
                    outcome_filter=show,
                    subset=subset,
                    search=search,
                    page=max(1, page),
                    page_size=_SIZE,
                )
                values["rows"] = await asyncio.to_thread(_marked, found["disagreements"])
                values["pages"] = Pages(viewer.request, page, _SIZE, found["total_count"])
        except Refused as error:
            values["problem"] = error.message
    return viewer.page(
        "compare.html",
        chosen=[(one, letter) for one, letter in zip(chosen, LETTERS, strict=False)],
        offered=await _offered(viewer, chosen, find) if len(chosen) < len(LETTERS) else ([], False),
        names=_names(chosen),
        find=find,
        show=show,
        subset=subset,
        search=search,
        link=lambda **changed: address(viewer.request, **changed),
        following="/compare/searching?"
        + urlencode({**dict(zip(LETTERS, ids, strict=False)), "search": search}),
        choose=lambda *ids: "/compare?" + _query(ids),
        **values,
    )


@router.get("/compare/searching")
async def show_searching(viewer: InViewer, search: str) -> Response:
    """Return the part of the page that says how far the texts can be searched."""
    waiting = await preparing(viewer, _ids(viewer)[:2], search)
    return viewer.page("parts/searching.html", preparing=waiting)


@drawn.chart("comparison")
async def differences_chart(viewer: Viewer) -> tuple[Any, ...]:
    """How far each evaluation is from the first."""
    ids = _ids(viewer)
    report = await viewer.get("/comparisons", evaluations=",".join(ids))
    names = dict(zip(ids, _names([with_names(one) for one in report_rows(report)]), strict=True))
    rows = [
        charts.Interval(
            names[pair["evaluation_id_2"]],
            found["difference"],
            found["low"],
            found["high"],
            found["p_adjusted"] < 0.05,
        )
        for pair in report["pairs"]
        if (found := pair["overall"]) is not None
    ]
    first = names[ids[0]]
    other = names[ids[1]] if len(ids) == 2 else "the other"
    return charts.differences, rows, f"Difference to {first}", other, first


@drawn.chart("subsets")
async def subsets_chart(viewer: Viewer) -> tuple[Any, ...]:
    """Two evaluations subset by subset."""
    ids = _ids(viewer)[:2]
    report = await viewer.get("/comparisons", evaluations=",".join(ids))
    rows = [
        charts.Both(part["name"], part["mean_1"], part["mean_2"], part["prompts"])
        for part in report["pairs"][0]["subsets"]
    ]
    return charts.dots, rows, *_names(report_rows(report))


def report_rows(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the evaluations of a comparison with their benchmark, as other answers have it."""
    named = {"dataset_id": report["benchmark_id"], "dataset_name": report["benchmark_name"]}
    return [{**one, **named} for one in report["evaluations"]]


def _ids(viewer: Viewer) -> list[str]:
    query = viewer.request.query_params
    return list(dict.fromkeys(query[letter] for letter in LETTERS if query.get(letter)))


def _query(ids: tuple[str, ...]) -> str:
    return "&".join(f"{letter}={one}" for letter, one in zip(LETTERS, ids, strict=False))


def _readable(report: dict[str, Any]) -> dict[str, Any]:
    """Return a comparison whose sentences call evaluations by their letters where their names are long."""
    rows = report["evaluations"]
    called = {
        one["id"]: (one["model_name"], letter.upper() if _is_long(one["model_name"]) else name)
        for one, letter, name in zip(rows, LETTERS, _names(rows), strict=False)
    }
    pairs = []
    for pair in report["pairs"]:
        ids = (pair["evaluation_id_1"], pair["evaluation_id_2"])

        def said(text: str, ids: tuple[str, str] = ids) -> str:
            for one in sorted(ids, key=lambda one: len(called[one][0]), reverse=True):
                full, name = called[one]
                text = text.replace(f"{full} ({one})", name)
                text = text.replace(full, name) if _is_long(full) else text
            return text

        notes = [said(note) for note in pair["notes"]]
        pairs.append({**pair, "conclusion": said(pair["conclusion"]), "notes": notes})
    return {**report, "pairs": pairs}


def _names(evaluations: list[dict[str, Any]]) -> list[str]:
    """Return what evaluations are called: by their models, with a letter where those are the same or long."""
    names = [one["model_name"] for one in evaluations]
    found = []
    for name, letter in zip(names, LETTERS, strict=False):
        if _is_long(name):
            found.append(f"{letter.upper()}: {name[: _LONGEST_NAME - 4].rstrip()}…")
        else:
            found.append(name if names.count(name) == 1 else f"{name} ({letter.upper()})")
    return found


def _is_long(name: str) -> bool:
    return len(name) > _LONGEST_NAME


async def _offered(viewer: Viewer, chosen: list[dict[str, Any]], find: str) -> tuple[list[Any], bool]:
    """Return finished evaluations that can be compared with those chosen, and whether there are more."""
    found = await viewer.get(
        "/evaluations",
        organization_id=viewer.session.organization_id,
        project_id=viewer.session.project_id,
        datasets=chosen[0]["dataset_id"] if chosen else None,
        status=_FINISHED,
        search=find.strip(),
        page_size=_OFFERED + len(chosen),
    )
    there = {one["id"] for one in chosen}
    fitting = [with_names(row) for row in found["evaluations"] if row["id"] not in there]
    return fitting[:_OFFERED], len(fitting) > _OFFERED or found["total_count"] > len(found["evaluations"])


def _marked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with the words of each answer that the other lacks."""
    found = []
    for row in rows:
        pieces = differences(row["result1"] or "", row["result2"] or "")
        sides = list(zip(pieces, (row["verdict1"], row["verdict2"]), strict=True))
        found.append({**row, "sides": sides})
    return found
