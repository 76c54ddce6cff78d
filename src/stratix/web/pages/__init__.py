"""The pages, one noun a file; each has a `router`."""

from __future__ import annotations

from stratix.web.pages import evaluation, evaluations, home, login

PAGES = (home, evaluations, evaluation, login)
