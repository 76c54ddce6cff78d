"""The pages, one noun a file; each has a `router`."""

from __future__ import annotations

from stratix.web.pages import (
    benchmark,
    benchmarks,
    charts,
    compare,
    documents,
    evaluation,
    evaluations,
    export,
    home,
    leaderboard,
    login,
    model,
    models,
    new,
    results,
    scorings,
    settings,
    upload,
)

PAGES = (
    upload,
    documents,
    benchmarks,
    benchmark,
    models,
    model,
    new,
    home,
    evaluations,
    scorings,
    evaluation,
    compare,
    charts,
    results,
    leaderboard,
    settings,
    export,
    login,
)
