"""Answers judged again: ask for it, stop it, show its verdicts in place of the first ones."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from stratix.web._api import Refused
from stratix.web._pages import InViewer, PageRoute, error_page
from stratix.web.pages.settings import number

router = APIRouter(route_class=PageRoute, include_in_schema=False)

SHOWN = 10
"""How many scorings the page of an evaluation shows."""


@router.get("/evaluations/{evaluation_id}/scorings")
async def show_scorings(viewer: InViewer, evaluation_id: str) -> Response:
    """Return the table of an evaluation's latest scorings, as its page would write it now."""
    here = f"/evaluations/{evaluation_id}"
    scorings = (await viewer.get(f"{here}/scorings", page_size=SHOWN))["scorings"]
    return viewer.page("parts/scoring_table.html", evaluation=await viewer.get(here), scorings=scorings)


@router.post("/evaluations/{evaluation_id}/rescore")
async def rescore(viewer: InViewer, evaluation_id: str) -> Response:
    """Have the answers judged again, by a scorer of the form or the benchmark's own."""
    form = {name: value.strip() for name, value in (await viewer.form()).items() if isinstance(value, str)}
    body: dict[str, Any] = {}
    try:
        options = orjson.loads(form.get("options") or "{}")
    except orjson.JSONDecodeError:
        return error_page(
            viewer.request, 422, 'The options must be a JSON object, such as {"tolerance": 0.01}.'
        )
    if form.get("scorer"):
        body["scorer"] = {"name": form["scorer"], "options": options}
    if form.get("judge"):
        body["judge_model_id"] = form["judge"]
    await viewer.send("POST", f"/evaluations/{evaluation_id}/rescore", body)
    return viewer.go(
        f"/evaluations/{evaluation_id}#scorings",
        "The answers are judged again; nothing changes until you show it.",
    )


@router.post("/evaluations/{evaluation_id}/scorings/{scoring_id}/{action}")
async def change_scoring(viewer: InViewer, evaluation_id: str, scoring_id: str, action: str) -> Response:
    """Show the verdicts of a scoring, or stop it; `original` stands for the first verdicts."""
    done = {"apply": "The evaluation shows these verdicts now.", "cancel": "The scoring is cancelled."}
    if action not in done:
        raise Refused(404, "There is no page at this address.", {})
    await viewer.send("POST", f"/evaluations/{evaluation_id}/scorings/{scoring_id}/{action}")
    return viewer.go(f"/evaluations/{evaluation_id}#scorings", done[action])


@router.post("/evaluations/{evaluation_id}/budget")
async def set_budget(viewer: InViewer, evaluation_id: str) -> Response:
    """Set what an evaluation may spend; what is left empty has no cap."""
    form = await viewer.form()
    try:
        caps = {"usd": number(form, "usd", float), "tokens": number(form, "tokens", int)}
    except ValueError:
        return error_page(viewer.request, 422, "Write caps as plain numbers, such as 12.50.")
    changed = (await viewer.send("PATCH", f"/budgets/{evaluation_id}", caps))["data"]
    goes_on = "; the evaluation goes on" if changed["resumed"] else ""
    return viewer.go(f"/evaluations/{evaluation_id}", f"The budget is set{goes_on}.")
