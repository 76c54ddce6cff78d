"""One evaluation: its number and how sure it is, what is behind it, and what can be done with it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from stratix.web._pages import InViewer, PageRoute
from stratix.web._wire import with_names

router = APIRouter(route_class=PageRoute, include_in_schema=False)

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
    return viewer.page("evaluation.html", **_view(evaluation))


@router.get("/evaluations/{evaluation_id}/live")
async def show_live(viewer: InViewer, evaluation_id: str, view: str = "card") -> Response:
    """Return the part of a page that shows an evaluation that runs, as it would be written now."""
    evaluation = with_names(await viewer.get(f"/evaluations/{evaluation_id}"))
    template = "parts/progress.html" if view == "page" else "parts/running.html"
    return viewer.page(template, **_view(evaluation))


@router.post("/evaluations/{evaluation_id}/{action}")
async def change_evaluation(viewer: InViewer, evaluation_id: str, action: str) -> Response:
    """Pause, resume, cancel or retry an evaluation."""
    if action not in _DONE:
        raise HTTPException(404, "There is no page at this address.")
    await viewer.send("POST", f"/evaluations/{evaluation_id}/{action}")
    return viewer.go(f"/evaluations/{evaluation_id}", _DONE[action])


def _view(evaluation: dict[str, Any]) -> dict[str, Any]:
    outcomes = evaluation["outcomes"]
    status = evaluation["status"]
    return {
        "evaluation": evaluation,
        "is_running": status in {"pending", "in-progress"},
        "has_figures": evaluation["accuracy_interval"] is not None,
        "invalid": sum(outcomes.get(name, 0) for name in _INVALID),
        "can_retry": status not in {"pending", "in-progress", "paused"}
        and (
            outcomes.get("failed", 0) > 0 or evaluation["progress"]["done"] < evaluation["progress"]["total"]
        ),
        "summary": evaluation["summary"],
        "settings": evaluation["settings"] or {},
    }
