"""The platform as a user has it, on both kinds of database."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["sqlite", "postgres"])
def platform_database(request: pytest.FixtureRequest) -> str:
    """What STRATIX_DATABASE_URL is set to: nothing, or a fresh PostgreSQL database."""
    return request.getfixturevalue("new_postgres") if request.param == "postgres" else ""


@pytest.fixture
def client(platform):
    with platform.client() as client:
        yield client
