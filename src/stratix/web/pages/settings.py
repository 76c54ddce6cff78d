"""Settings: keys, those of providers too, project, budgets, what is kept, and how the dashboard looks."""

from __future__ import annotations

from typing import Any, get_args

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from stratix.web._api import Refused
from stratix.web._pages import InViewer, PageRoute, Viewer
from stratix.web._session import Session, Theme

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/settings")
async def show_settings(viewer: InViewer) -> Response:
    """Show all settings."""
    return await _page(viewer)


@router.post("/settings/theme")
async def set_theme(viewer: InViewer) -> Response:
    """Choose the colours; they are kept in the session."""
    theme = _text(await viewer.form(), "theme")
    if theme not in get_args(Theme):
        raise HTTPException(422, "Choose one of the themes of the form.")
    return _remembered(viewer, viewer.session.model_copy(update={"theme": theme}), "")


@router.post("/settings/project")
async def choose_project(viewer: InViewer) -> Response:
    """Choose the project that is looked at; it is kept in the session."""
    project_id = _text(await viewer.form(), "project_id")
    names = dict(viewer.caller.projects)
    if project_id not in names:
        raise HTTPException(404, "There is no such project; go back and choose another.")
    session = viewer.session.model_copy(update={"project_id": project_id})
    return _remembered(viewer, session, f"You look at {names[project_id]} now.")


@router.post("/settings/project/name")
async def rename_project(viewer: InViewer) -> Response:
    """Give the project another name."""
    name = _text(await viewer.form(), "name")
    try:
        await viewer.send("PATCH", viewer.project, {"name": name})
    except Refused as error:
        return await _page(
            viewer, problems={"name": error.fields.get("name", error.message)}, typed={"name": name}
        )
    viewer.dashboard.sessions.refresh(viewer.session)
    return viewer.go("/settings", "The project has its new name.")


@router.post("/settings/api-keys")
async def create_key(viewer: InViewer) -> Response:
    """Make an API key and show it, this once."""
    form = await viewer.form()
    name, scopes = _text(form, "key_name"), [str(scope) for scope in form.getlist("scope")]
    try:
        made = (await viewer.send("POST", _keys(viewer), {"name": name, "scopes": scopes}))["data"]
    except Refused as error:
        problems = {"key_name": error.fields.get("name") or error.message}
        return await _page(viewer, problems=problems, typed={"key_name": name, "scopes": scopes})
    return await _page(viewer, created=made)


@router.post("/settings/api-keys/{key_id}/revoke")
async def revoke_key(viewer: InViewer, key_id: str) -> Response:
    """Revoke an API key."""
    await viewer.send("DELETE", f"{_keys(viewer)}/{key_id}")
    return viewer.go("/settings#api-keys", "The key is revoked.")


@router.post("/settings/provider-keys/{provider}")
async def set_provider_key(viewer: InViewer, provider: str) -> Response:
    """Store the project's key for a provider; what was typed is not shown again."""
    body = {"api_key": _text(await viewer.form(), "api_key")}
    try:
        status = (await viewer.send("PUT", f"{viewer.project}/provider-keys/{provider}", body))["data"]
    except Refused as error:
        if "api_key" not in error.fields:
            raise
        return await _page(viewer, problems={f"provider {provider}": f"The key {error.fields['api_key']}."})
    return viewer.go("/settings#providers", f"The key for {status['name']} is stored.")


@router.post("/settings/provider-keys/{provider}/remove")
async def remove_provider_key(viewer: InViewer, provider: str) -> Response:
    """Forget the project's key for a provider."""
    status = (await viewer.send("DELETE", f"{viewer.project}/provider-keys/{provider}"))["data"]
    then = "the one of the environment is used now" if status["has_key"] else "its models cannot be asked now"
    return viewer.go("/settings#providers", f"The key for {status['name']} is removed; {then}.")


@router.post("/settings/budgets/{owner_id}")
async def set_budget(viewer: InViewer, owner_id: str) -> Response:
    """Set what a project or an API key may spend; what is left empty has no cap."""
    form = await viewer.form()
    try:
        caps = {"usd": number(form, "usd", float), "tokens": number(form, "tokens", int)}
        body = {**caps, "reset": bool(form.get("reset"))}
        changed = (await viewer.send("PATCH", f"/budgets/{owner_id}", body))["data"]
    except (Refused, ValueError) as error:
        message = (
            error.message if isinstance(error, Refused) else "Write caps as plain numbers, such as 12.50."
        )
        return await _page(viewer, problems={owner_id: message})
    went_on = len(changed["resumed"])
    more = f" {went_on} paused evaluations go on." if went_on else ""
    return viewer.go("/settings#budgets", f"The budget is set.{more}")


@router.post("/settings/cache/clear")
async def clear_cache(viewer: InViewer) -> Response:
    """Remove answers that are kept: of one model, or all."""
    model_id = _text(await viewer.form(), "model_id")
    path = f"{viewer.project}/cache" + (
        f"?model_id={model_id}" if model_id.isalnum() or "_" in model_id else ""
    )
    removed = (await viewer.send("DELETE", path))["data"]["removed"]
    return viewer.go("/settings#cache", f"{removed:,} answers are removed.")


async def _page(
    viewer: Viewer,
    *,
    created: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
    typed: dict[str, Any] | None = None,
) -> Response:
    may_manage = "admin" in viewer.caller.scopes
    keys = (await viewer.get(_keys(viewer)))["data"]["api_keys"] if may_manage else []
    return viewer.page(
        "settings.html",
        keys=keys,
        may_manage=may_manage,
        providers=(await viewer.get(f"{viewer.project}/provider-keys"))["data"]["providers"],
        budgets=(await viewer.get("/budgets"))["data"]["budgets"],
        cached=(await viewer.get(f"{viewer.project}/cache"))["data"]["models"],
        storage=(await viewer.get("/storage"))["data"],
        themes=get_args(Theme),
        created=created,
        problems=problems or {},
        typed=typed or {},
        http_status=422 if problems else 200,
    )


def _keys(viewer: Viewer) -> str:
    return f"/organizations/{viewer.session.organization_id}/api-keys"


def _remembered(viewer: Viewer, session: Session, notice: str) -> Response:
    response = viewer.go("/settings", notice)
    viewer.dashboard.sessions.store(response, session, secure=viewer.request.url.scheme == "https")
    return response


def _text(form: Any, name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def number(form: Any, name: str, kind: type[float] | type[int]) -> float | None:
    """Return a number as people type it into a form; None for nothing.

    Raises:
        ValueError: it is none.
    """
    text = _text(form, name).replace(",", "").removeprefix("$")
    return kind(text) if text else None
