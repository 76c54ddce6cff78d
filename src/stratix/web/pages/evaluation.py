"""One evaluation: its number and how sure it is, what is behind it, and what can be done with it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from stratix.charts import evaluation as charts
from stratix.web._charts import Charts
from stratix.web._pages import InViewer, PageRoute, Viewer
from stratix.web._wire import with_names
from stratix.web.pages.scorings import SHOWN

router = APIRouter(route_class=PageRoute, include_in_schema=False)
drawn = Charts()

_FINISHED = {"success", "failure", "timeout", "cancelled"}

_DONE = {
    "pause": "The evaluation is paused; what was on its way is kept.",
    "resume": "The evaluation goes on where it stopped.",
    "cancel": "The evaluation is cancelled; what was done stays.",
    "retry": "What failed is asked again.",
}
_INVALID = ("unparsed", "truncated", "reasoning_exhausted", "refused", "empty", "failed", "scorer_error")


@router.get("/evaluations/{evaluation_id}")
async def show_evaluation(viewer: InViewer, evaluation_id: str) -> Response:
    """Show an evaluation that runs or has ended."""
    evaluation = with_names(await viewer.get(f"/evaluations/{evaluation_id}"))
    return viewer.page("evaluation.html", **_view(evaluation), **await _more(viewer, evaluation))


@router.get("/evaluations/{evaluation_id}/live")
async def show_live(viewer: InViewer, evaluation_id: str, view: str = "card") -> Response:
    """Return the part of a page that shows an evaluation that runs, as it would be written now."""
    evaluation = with_names(await viewer.get(f"/evaluations/{evaluation_id}"))
    template = "parts/progress.html" if view == "page" else "parts/running.html"
    return viewer.page(template, **_view(evaluation))


@router.get("/evaluations/{evaluation_id}/figures")
async def show_figures(viewer: InViewer, evaluation_id: str) -> Response:
    """Show how the answers are distributed, as charts and as tables."""
    evaluation = with_names(await viewer.get(f"/evaluations/{evaluation_id}"))
    figures = await viewer.get(f"/evaluations/{evaluation_id}/figures")
    return viewer.page("figures.html", evaluation=evaluation, figures=figures)


@router.post("/evaluations/{evaluation_id}/delete")
async def delete_evaluation(viewer: InViewer, evaluation_id: str) -> Response:
    """Delete an evaluation that has ended."""
    await viewer.send("DELETE", f"/evaluations/{evaluation_id}")
    return viewer.go("/evaluations", "The evaluation is deleted.")


@router.post("/evaluations/{evaluation_id}/{action}")
async def change_evaluation(viewer: InViewer, evaluation_id: str, action: str) -> Response:
    """Pause, resume, cancel or retry an evaluation."""
    if action not in _DONE:
        raise HTTPException(404, "There is no page at this address.")
    await viewer.send("POST", f"/evaluations/{evaluation_id}/{action}")
    return viewer.go(f"/evaluations/{evaluation_id}", _DONE[action])


@drawn.chart("latency")
async def latency_chart(viewer: Viewer) -> tuple[Any, ...]:
    """How long the answers took."""
    times = (await _figures(viewer))["latency_ms"]
    if times is None:
        raise HTTPException(404, "There is no answer whose time could be shown.")
    marked = {"median": times["p50"], "95%": times["p95"], "99%": times["p99"]}
    return charts.latency, [charts.Bin(**one) for one in times["bins"]], marked


@drawn.chart("length")
async def length_chart(viewer: Viewer) -> tuple[Any, ...]:
    """How the score goes with the length of the prompts."""
    parts = (await _figures(viewer))["by_prompt_length"]
    return charts.length, [charts.Stretch(*part.values()) for part in parts]


async def _figures(viewer: Viewer) -> dict[str, Any]:
    evaluation_id = viewer.request.query_params.get("evaluation", "")
    found: dict[str, Any] = await viewer.get(f"/evaluations/{evaluation_id}/figures")
    return found


async def _more(viewer: Viewer, evaluation: dict[str, Any]) -> dict[str, Any]:
    """Return what the page of an evaluation shows of its end, and of what it may spend."""
    here = f"/evaluations/{evaluation['id']}"
    has_ended = evaluation["status"] in _FINISHED and evaluation["progress"]["done"] > 0
    may_run = "run" in viewer.caller.scopes
    has_budget = evaluation["budget_usd"] is not None or evaluation["budget_tokens"] is not None
    return {
        "has_ended": has_ended,
        "scorings": (await viewer.get(f"{here}/scorings", page_size=SHOWN))["scorings"] if has_ended else [],
        "scorers": (await viewer.get("/options"))["data"]["scorers"] if has_ended and may_run else [],
        "judges": await _judges(viewer) if has_ended and may_run else [],
        "budget": (await viewer.get(f"/budgets/{evaluation['id']}"))["data"]
        if has_budget and evaluation["status"] not in _FINISHED
        else None,
    }


async def _judges(viewer: Viewer) -> list[dict[str, Any]]:
    """Return the models that can be asked now."""
    listed = (await viewer.get(f"{viewer.project}/models"))["data"]["models"]
    return [model for model in listed if model["available"]]


def _view(evaluation: dict[str, Any]) -> dict[str, Any]:
    outcomes = evaluation["outcomes"]
    status = evaluation["status"]
    return {
        "evaluation": evaluation,
        "is_running": status in {"pending", "in-progress"},
        "has_finished": status in _FINISHED,
        "has_figures": evaluation["accuracy_interval"] is not None,
        "invalid": sum(outcomes.get(name, 0) for name in _INVALID),
        "can_retry": status not in {"pending", "in-progress", "paused"}
        and (
            outcomes.get("failed", 0) > 0 or evaluation["progress"]["done"] < evaluation["progress"]["total"]
        ),
        "summary": evaluation["summary"],
        "settings": evaluation["settings"] or {},
    }
