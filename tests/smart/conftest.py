from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.smart.world import World, good
from tests.support.platform import Platform
from tests.support.provider import ScriptedProvider


@pytest.fixture(scope="package", params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world on SQLite and one on PostgreSQL in turn."""
    folder = tmp_path_factory.mktemp("smart")
    database_url, drop = "", lambda: None
    if request.param == "postgres":
        postgres = request.getfixturevalue("postgres")
        name = postgres.create()
        database_url, drop = postgres.url(name), lambda: postgres.drop(name)
    with (
        ScriptedProvider(good) as provider,
        Platform(folder, provider.base_url, database_url, STRATIX_MAX_ATTEMPTS="2") as platform,
        platform.client() as client,
    ):
        yield World(client, provider, folder, platform)
    drop()


@pytest.fixture(autouse=True)
def plain_script(world: World) -> Iterator[None]:
    """Have every test begin with a model that does what it is asked, and that nobody has asked yet."""
    world.provider.script = good
    world.provider.requests.clear()
    yield
    world.client.budgets.remove("project")
