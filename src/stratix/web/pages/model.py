"""One model: what is known of it, trying it, its evaluations; one's own can be changed here."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from stratix.web import _things
from stratix.web._api import Refused
from stratix.web._endpoint import BadForm, changed, shown_fields
from stratix.web._pages import InViewer, PageRoute, Viewer
from stratix.web._paging import Pages
from stratix.web._wire import with_names

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_SIZE = 20
DEFAULT_PROMPT = "Say hello and name the capital of France."


@router.get("/models/{model_id}")
async def show_model(viewer: InViewer, model_id: str, page: int = 1) -> Response:
    """Show a model."""
    return await _page(viewer, model_id, page=page)


@router.post("/models/{model_id}")
async def change_model(viewer: InViewer, model_id: str) -> Response:
    """Change the endpoint of a custom model."""
    said = {name: str(value) for name, value in (await viewer.form()).items()}
    try:
        await viewer.send("PATCH", f"{viewer.project}/custom-models/{model_id}", changed(said))
    except BadForm as error:
        problem, fields = "", error.fields
    except Refused as error:
        problem, fields = error.message, shown_fields(error.fields)
    else:
        return viewer.go(f"/models/{model_id}", "The model is changed.")
    said["api_key"] = ""
    return await _page(viewer, model_id, said=said, problem=problem, fields=fields)


@router.post("/models/{model_id}/delete")
async def delete_model(viewer: InViewer, model_id: str) -> Response:
    """Take a custom model out of the project."""
    await viewer.send("DELETE", f"{viewer.project}/custom-models/{model_id}")
    return viewer.go("/models", "The model is deleted; its evaluations stay.")


@router.post("/models/{model_id}/try")
async def try_model(viewer: InViewer, model_id: str) -> Response:
    """Have a worker ask a model a few short questions."""
    prompt = str((await viewer.form()).get("prompt", "")).strip() or DEFAULT_PROMPT
    try:
        made = await viewer.send("POST", f"{viewer.project}/models/{model_id}/tries", {"prompt": prompt})
    except Refused as error:
        return await _page(viewer, model_id, try_problem=error.message)
    return viewer.go(f"/models/{model_id}?try={made['data']['id']}#try")


@router.get("/models/{model_id}/tries/{try_id}")
async def show_try(viewer: InViewer, model_id: str, try_id: str) -> Response:
    """Return the part of the page that shows a try."""
    found = (await viewer.get(f"{viewer.project}/models/{model_id}/tries/{try_id}"))["data"]
    return viewer.page("parts/try.html", tried=found)


async def _page(viewer: Viewer, model_id: str, page: int = 1, **values: Any) -> Response:
    model = _things.model((await viewer.get(f"{viewer.project}/models/{model_id}"))["data"])
    found = await viewer.get(
        "/evaluations",
        organization_id=viewer.session.organization_id,
        project_id=viewer.session.project_id,
        models=model_id,
        page=max(1, page),
        page_size=_SIZE,
    )
    tried = None
    if try_id := viewer.request.query_params.get("try"):
        try:
            tried = (await viewer.get(f"{viewer.project}/models/{model_id}/tries/{try_id}"))["data"]
        except Refused:  # Tries are kept for a day.
            values.setdefault("try_problem", "This try is not kept any more: try the model again.")
    frame: dict[str, Any] = {"said": _said(model), "problem": "", "fields": {}, "try_problem": ""}
    return viewer.page(
        "model.html",
        http_status=422 if "said" in values else 200,
        model=model,
        evaluations=[with_names(row) for row in found["evaluations"]],
        pages=Pages(viewer.request, page, _SIZE, found["total_count"]),
        tried=tried,
        prompt=DEFAULT_PROMPT,
        **{**frame, **values},
    )


def _said(model: dict[str, Any]) -> dict[str, str]:
    """Return what the form of a custom model holds before anything is changed."""
    if not model["is_custom"]:
        return {}

    def text(value: float | None) -> str:
        return "" if value is None else f"{value:.10g}"

    return {
        "api_url": model["api_url"],
        "max_tokens": str(model["max_tokens"]),
        "input_price": text(model["input_price"]),
        "output_price": text(model["output_price"]),
        "requests_per_minute": text(model["requests_per_minute"]),
        "tokens_per_minute": text(model["tokens_per_minute"]),
        "extra_payload": "",
    }
