"""A new evaluation: models and benchmarks are chosen, what they would take is shown, and then they start."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from stratix.web import _things
from stratix.web._api import Refused
from stratix.web._choice import MAX_PAIRS, Choice, Things, Total
from stratix.web._facets import narrowed
from stratix.web._pages import InViewer, PageRoute, Viewer

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_FIELD_NAMES = {"judge_model_id": "judge", "deadline_seconds": "deadline_hours"}
_LABELS = {
    "limit": "Prompts at most",
    "shots": "Worked examples",
    "epochs": "Epochs",
    "epochs_reducer": "Scores of the epochs become one by",
    "concurrency": "Prompts at a time",
    "budget_usd": "US dollars at most",
    "budget_tokens": "Tokens at most",
    "deadline_hours": "Hours at most",
    "judge": "Judge",
}
_MODELS = {"maker": "Company", "state": "API key"}
_BENCHMARKS = {"kinds": "Category", "state": "State"}


@router.get("/evaluations/new")
async def show_form(viewer: InViewer) -> Response:
    """Show what can be chosen, and what it would take as soon as something is."""
    choice = Choice.read(viewer.request.query_params)
    return await _page(viewer, choice)


@router.get("/evaluations/new/estimate")
async def show_estimate(viewer: InViewer) -> Response:
    """Return the part of the page that says what the choice would take."""
    choice = Choice.read(viewer.request.query_params)
    models, benchmarks = await _things_of(viewer)
    values = await _estimate(viewer, choice, models, benchmarks)
    return viewer.page("parts/estimate.html", choice=choice, **values)


@router.post("/evaluations/new")
async def start(viewer: InViewer) -> Response:
    """Start the evaluations that were chosen: all of them, or none."""
    form = await viewer.form()
    choice = Choice.read(form)
    models, benchmarks = await _things_of(viewer)
    try:
        items = choice.items(models, benchmarks)
        uses = await _judge_uses(viewer, items)
        key = str(form.get("start_key") or secrets.token_hex(16))
        made = await viewer.send(
            "POST",
            f"{viewer.project}/evaluations",
            choice.items(models, benchmarks, uses),
            headers={"idempotency-key": key},
        )
    except Refused as error:
        return await _page(viewer, choice, error)
    ids = [row["id"] for row in made["data"]]
    if len(ids) == 1:
        return viewer.go(f"/evaluations/{ids[0]}")
    return viewer.go("/", f"{len(ids)} evaluations are started.")


async def _things_of(viewer: Viewer) -> tuple[Things, Things]:
    models = (await viewer.get(f"{viewer.project}/models"))["data"]["models"]
    benchmarks = (await viewer.get(f"{viewer.project}/benchmarks"))["data"]["datasets"]
    return (
        {row["key"]: _things.model(row) for row in models},
        {row["key"]: _things.benchmark(row) for row in benchmarks},
    )


async def _judge_uses(viewer: Viewer, items: list[dict[str, Any]]) -> dict[str, str]:
    """Tell by benchmark's id whether a judge is of use."""
    if not items:
        return {}
    found = (await viewer.send("POST", f"{viewer.project}/estimates", items))["data"]
    return {one["dataset_id"]: one["judge"] for one in found}


async def _estimate(viewer: Viewer, choice: Choice, models: Things, benchmarks: Things) -> dict[str, Any]:
    """Return what the choice would take, or why that cannot be said."""
    problems = choice.missing(models, benchmarks)
    items = choice.items(models, benchmarks)
    fields: dict[str, str] = {}
    estimates: list[dict[str, Any]] = []
    if items and len(items) <= MAX_PAIRS:
        try:
            estimates = (await viewer.send("POST", f"{viewer.project}/estimates", items))["data"]
        except Refused as error:
            fields = _fields(error)
            problems += _said(fields) or [error.message]
    if "judge" not in choice.settings:
        needing = dict.fromkeys(one["benchmark_key"] for one in estimates if one["judge"] == "needed")
        problems += [
            f"{benchmarks[key]['name']} has a model grade the answers: choose a judge." for key in needing
        ]
    names = {row["id"]: row["name"] for row in (*models.values(), *benchmarks.values())}
    return {
        "estimates": estimates,
        "names": names,
        "total": Total.of(estimates),
        "problems": problems,
        "fields": fields,
        "start_key": secrets.token_hex(16),
    }


def _fields(error: Refused) -> dict[str, str]:
    """Return what was said of fields, each once, by its name in the form."""
    found: dict[str, str] = {}
    for field, message in error.fields.items():
        name = field.rpartition("].")[2]
        found.setdefault(_FIELD_NAMES.get(name, name), message)
    return found


def _said(fields: dict[str, str]) -> list[str]:
    """Return what was said of fields as sentences, with the names that people see."""
    return [f"{_LABELS.get(name, name)}: {message}" for name, message in fields.items()]


async def _page(viewer: Viewer, choice: Choice, refused: Refused | None = None) -> Response:
    models, benchmarks = await _things_of(viewer)
    query = viewer.request.query_params
    values = await _estimate(viewer, choice, models, benchmarks)
    if refused is not None:
        values["fields"] = _fields(refused)
        values["problems"] = _said(values["fields"]) or [refused.message]
    options = (await viewer.get("/options"))["data"]
    searched = "name", "key", "maker", "about", "kinds"
    return viewer.page(
        "new.html",
        choice=choice,
        models=_offered(models, choice.models, _MODELS, _with(query, "model"), searched),
        benchmarks=_offered(benchmarks, choice.benchmarks, _BENCHMARKS, _with(query, "benchmark"), searched),
        judges=list(models.values()),
        options=options,
        http_status=422 if refused is not None else 200,
        **values,
    )


def _with(query: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Return the filters of one of the two lists, which share an address."""
    start = f"{prefix}_"
    return {name.removeprefix(start): value for name, value in query.items() if name.startswith(start)}


def _offered(
    things: Things,
    chosen: list[str],
    labels: dict[str, str],
    query: dict[str, str],
    searched: tuple[str, ...],
) -> dict[str, Any]:
    """Return the rows of a list, what is chosen first, and what it can be narrowed down by."""
    rows, facets = narrowed(list(things.values()), labels, query, searched)
    fitting = {row["key"] for row in rows}
    first = [things[key] for key in chosen if key in things]
    rest = [row for row in things.values() if row["key"] not in chosen]
    rest.sort(key=lambda row: (not row.get("installed", row.get("available")), row["name"].casefold()))
    shown = [{**row, "fits": row["key"] in fitting or row["key"] in chosen} for row in (*first, *rest)]
    return {"rows": shown, "facets": facets, "q": query.get("q", ""), "chosen": chosen}
