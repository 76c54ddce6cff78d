"""Screens that anybody can use: the rules of axe-core, in light and in dark."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from tests.support.stored import evaluated


@pytest.fixture(scope="module")
def addresses(us: Any) -> list[str]:
    """The screens, with something on each."""
    rows = [{"input": f"Q {n}", "truth": "t", "subset": "ab"[n % 2]} for n in range(20)]
    benchmark = us.benchmark(rows)
    first, second = evaluated(us, benchmark, "+-" * 10), evaluated(us, benchmark, "++-x" * 5)
    file = us.upload(b"A text.", "a.txt")
    asked = {"name": "Documents", "system_prompt": "Ask.", "files": [file], "model_id": us.model()}
    generated = us.post(f"{us.project}/smart-benchmarks", asked)["data"]["benchmark_id"]
    return [
        "/",
        "/benchmarks",
        "/benchmarks/documents",
        f"/benchmarks/{generated}",
        "/evaluations",
        f"/evaluations/{first}",
        f"/evaluations/{first}/figures",
        f"/compare?a={first}",
        f"/compare?a={first}&b={second}",
        f"/leaderboard?benchmark={benchmark}",
        "/settings",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_screen_breaks_a_rule(browser: Browser, us: Any, addresses: list[str], scheme: Any) -> None:
    # The rules come as a script, which our policy would not let in.
    context = browser.new_context(base_url=us.server.url, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    broken = []
    for address in addresses:
        page.goto(address)
        found = Axe().run(page).response
        assert found["passes"], address
        broken += [(address, one["id"], one["nodes"][0]["target"]) for one in found["violations"]]
    context.close()
    assert broken == []
