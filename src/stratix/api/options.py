"""What can be chosen for evaluations and custom benchmarks."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from layerlens.models import DataEnvelope, MetricOption, Options
from stratix import metrics, scorers
from stratix.api._auth import InCaller
from stratix.api._context import InContext
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.benchmarks import formats

router = APIRouter(tags=["evaluations"], route_class=GuardedRoute)


@router.get("/options", response_model=DataEnvelope[Options])
async def list_options(caller: InCaller, context: InContext) -> Response:
    """Return the metrics, scorers and formats there are."""
    measured = await asyncio.to_thread(_metrics)  # A plugin may be slow to import.
    found = Options(
        metrics=measured,
        scorers=list(scorers.names()),
        formats=list(formats.names()),
        concurrency=context.settings.concurrency,
    )
    return json_response({"data": found.model_dump()})


def _metrics() -> list[MetricOption]:
    found = []
    for name in metrics.names():
        try:
            how = metrics.load(name).how
        except ValueError:  # A plugin's that is none.
            continue
        found.append(MetricOption(name=name, description=how, problem=metrics.problem(name) or ""))
    judged = metrics.rubric_metrics().values()
    return found + [MetricOption(name=one.name, description=one.how, judged=True) for one in judged]
