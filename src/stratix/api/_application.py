"""The HTTP application: routers, errors and middleware put together."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, FastAPI

from layerlens.models import ErrorEnvelope
from stratix import __version__
from stratix.api import (
    api_keys,
    benchmarks,
    budgets,
    cache,
    catalogue,
    comparisons,
    contamination,
    control,
    custom_benchmarks,
    custom_models,
    documentation,
    estimates,
    evaluations,
    events,
    figures,
    health,
    installs,
    leaderboards,
    metrics,
    models,
    options,
    organizations,
    platform,
    provider_keys,
    results,
    scorings,
    smart_benchmarks,
    tries,
    uploads,
    verification,
)
from stratix.api._auth import KeyCache, authenticate
from stratix.api._chores import Background
from stratix.api._context import Context
from stratix.api._errors import add_handlers
from stratix.api._following import Following
from stratix.api._key_use import KeyUse
from stratix.api._middleware import RequestMiddleware
from stratix.evaluations.deleting import Deleter
from stratix.settings import Settings
from stratix.storage.database import Database
from stratix.storage.vault import Vault

BASE_PATH = "/api/v1"


def create_app(
    database: Database,
    vault: Vault,
    settings: Settings,
    *,
    environ: Mapping[str, str] = os.environ,
    stopping: Callable[[], bool] = lambda: False,
) -> FastAPI:
    """Return the HTTP API over a database.

    Args:
        database: migrated, with its first API key made.
        vault: encrypts the API keys of custom models and of providers.
        settings: of the installation.
        environ: where the API keys of model providers are looked up.
        stopping: asked now and then whether the server shuts down, so that long polls and streams end early.
    """
    app = FastAPI(
        title="Stratix",
        version=__version__,
        description="Evaluate AI models on benchmarks. Send the API key as `x-api-key`.",
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"model": ErrorEnvelope}, "5XX": {"model": ErrorEnvelope}},
        # An answer is written as it is; its schema is for the documentation and the tests.
        separate_input_output_schemas=False,
        lifespan=_lifespan,
    )
    app.state.context = Context(database, vault, settings, environ, stopping)
    app.state.keys = KeyCache()
    app.state.key_use = KeyUse(database)
    app.state.deleter = Deleter(database, settings.data_dir)
    app.state.background = Background(database)
    app.state.following = Following(database, stopping)
    authenticated = APIRouter(dependencies=[Depends(authenticate)])
    nouns = (
        organizations,
        api_keys,
        models,
        custom_models,
        tries,
        provider_keys,
        options,
        benchmarks,
        custom_benchmarks,
        smart_benchmarks,
        installs,
        verification,
        uploads,
        evaluations,
        events,
        figures,
        estimates,
        budgets,
        cache,
        control,
        results,
        comparisons,
        leaderboards,
        contamination,
        scorings,
        catalogue,
        platform,
    )
    for noun in nouns:
        authenticated.include_router(noun.router)
    app.include_router(authenticated, prefix=BASE_PATH)
    app.include_router(uploads.receiver, prefix=BASE_PATH)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(documentation.router)
    app.mount(documentation.ASSETS_PATH, documentation.assets())
    app.add_middleware(RequestMiddleware)
    add_handlers(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    deleter: Deleter = app.state.deleter
    deleter.wake()  # An earlier process may have left something.
    yield
    await deleter.stop()
