"""The pages, one noun a file; each has a `router`."""

from __future__ import annotations

from stratix.web.pages import charts, compare, evaluation, evaluations, home, login, results

PAGES = (home, evaluations, evaluation, compare, charts, results, login)
