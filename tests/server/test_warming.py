"""What a server does once it is ready, so that nobody waits for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from jinja2 import PackageLoader

from stratix.app import build_api, warm_up
from stratix.settings import Settings
from stratix.storage.database import Database

NUMBERS = """
import asyncio, sys
from pathlib import Path
from stratix.app import build_api, warm_up
from stratix.settings import Settings
from stratix.storage.database import Database

async def main():
    settings = Settings(data_dir=Path(sys.argv[1]), database_url=sys.argv[2])
    database = Database(settings.database)
    await warm_up(build_api(settings, database, lambda: False), settings)
    await database.close()
    print("numpy" in sys.modules)

asyncio.run(main())
"""


async def test_the_first_page_reads_no_template(
    new_sqlite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, database = Settings(data_dir=tmp_path, database_url=new_sqlite), Database(new_sqlite)
    app = build_api(settings, database, lambda: False)
    await warm_up(app, settings)
    monkeypatch.delattr(PackageLoader, "get_source")
    transport = httpx.ASGITransport(app, client=("10.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://somewhere") as browser:
        page = await browser.get("/login", headers={"accept": "text/html"})
    await database.close()
    assert (page.status_code, "<h1" in page.text) == (200, True)


@pytest.mark.parametrize("large", [False, True])
def test_numbers_are_for_servers_that_have_much_to_look_at(
    new_sqlite: str, tmp_path: Path, large: bool
) -> None:
    if large:
        (tmp_path / "columns").mkdir()
        (tmp_path / "columns" / "results.eval_1.0.20000.own.v1.npz").touch()
    command = (sys.executable, "-c", NUMBERS, str(tmp_path), new_sqlite)
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    assert found.stdout.strip() == str(large)
