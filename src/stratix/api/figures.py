"""What the charts of an evaluation are drawn from."""

from __future__ import annotations

import asyncio
import importlib

from fastapi import APIRouter
from starlette.responses import Response

from layerlens.models import EvaluationFigures
from stratix.api._auth import InCaller
from stratix.api._columns import InColumns
from stratix.api._context import InContext
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.api.evaluations import find

router = APIRouter(tags=["evaluations"], route_class=GuardedRoute)


@router.get("/evaluations/{evaluation_id}/figures", response_model=EvaluationFigures)
async def get_figures(
    evaluation_id: str, caller: InCaller, context: InContext, columns: InColumns
) -> Response:
    """Return how the answers are distributed: latency, tokens, scores by length, outcomes by subset."""
    evaluation = await find(context, caller, evaluation_id)
    # Its libraries are slow to import: neither a start nor the loop waits for them.
    await asyncio.to_thread(importlib.import_module, "stratix.evaluations.distributions")
    from stratix.evaluations import distributions

    return json_response(await distributions.figures(columns, evaluation))
