"""The first search in a large evaluation shows how far its index is, and goes on by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect
from tests.server.conftest import Running
from tests.support.stored import evaluated

from layerlens.models import SearchReadiness
from stratix.storage import text_index

ROWS = [{"input": f"Question {number}", "truth": str(number)} for number in range(40)]


@pytest.fixture(autouse=True, scope="module")
def large() -> Iterator[None]:
    """Have 40 results count as many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_index, "LEAST_RESULTS", 40)
        yield


@pytest.fixture
def ours(us: Any) -> str:
    return evaluated(us, us.benchmark(ROWS), "+-" * 20)


def readiness(us: Any, evaluation_id: str, text: str) -> SearchReadiness:
    return SearchReadiness.model_validate(us.get(f"/evaluations/{evaluation_id}/search", search=text))


def test_a_search_says_how_far_its_index_is(us: Any, ours: str, site: Running) -> None:
    assert readiness(us, ours, "Question").model_dump() == {"state": "making", "done": 0, "total": 40}
    # Whoever asks for results gets them all the same.
    assert us.get("/results", evaluation_id=ours, search="question 17")["metrics"]["total_count"] == 1
    deadline = time.monotonic() + 30
    while (found := readiness(us, ours, "Question")).state == "making" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found.model_dump() == {"state": "ready", "done": 40, "total": 40}
    assert us.get("/results", evaluation_id=ours, search="question 17")["metrics"]["total_count"] == 1
    (file,) = (site.data_dir / "search").glob(f"{ours}*")
    assert file.suffix == ".fts"


def test_what_no_index_is_of_use_for_is_scanned(us: Any, ours: str) -> None:
    them = us.server.tenant("Theirs")
    small = evaluated(us, us.benchmark(ROWS[:9]), "+" * 9)
    running = us.evaluation(dataset_id=us.benchmark(ROWS))["id"]
    for evaluation_id, text in ((small, "Question"), (running, "Question"), (ours, "17")):
        assert readiness(us, evaluation_id, text).state == "scanning"
    assert us.http.get(f"/evaluations/{ours}/search").status_code == 422
    with them.http as http:
        assert http.get(f"/evaluations/{ours}/search?search=x").status_code == 404


def test_an_index_that_cannot_be_made_is_not_waited_for(us: Any, ours: str, site: Running) -> None:
    folder = site.data_dir / "search"
    moved = folder.rename(site.data_dir / "away") if folder.exists() else None
    folder.write_text("no folder")
    try:
        deadline = time.monotonic() + 30
        while (found := readiness(us, ours, "Question")).state == "making" and time.monotonic() < deadline:
            time.sleep(0.05)
        assert found.state == "scanning"
    finally:
        folder.unlink()
        if moved is not None:
            moved.rename(folder)


@contextmanager
def standing_still(page: Page, address: str) -> Iterator[Locator]:
    """Open a page whose questions how far it is stay without an answer until the end of the block."""
    held: list[Route] = []
    standing = True
    page.route("**/searching?*", lambda route: held.append(route) if standing else route.continue_())
    page.goto(address)
    yield page.get_by_role("progressbar", name="Results that can be searched")
    standing = False
    for question in held:
        question.continue_()


def test_the_page_shows_it_and_goes_on(page: Page, ours: str) -> None:
    with standing_still(page, f"/evaluations/{ours}/results?search=Question+17") as shown:
        expect(shown).to_have_attribute("max", "40")
        expect(page.get_by_text("an index of them is being made")).to_be_visible()
    expect(page.locator("tr[data-row]")).to_have_count(1, timeout=30_000)
    page.locator("tr[data-row] a").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_search_in_two_shows_it_for_both(page: Page, us: Any, ours: str) -> None:
    benchmark = us.get(f"/evaluations/{ours}")["dataset_id"]
    other = evaluated(us, benchmark, "-+" * 20)
    with standing_still(page, f"/compare?a={ours}&b={other}&search=Question+17") as shown:
        expect(shown).to_have_attribute("max", "80")
    expect(page.get_by_role("article")).to_have_count(1, timeout=30_000)
    found = us.get("/comparisons/disagreements", evaluations=f"{ours},{other}", search="question 17")
    assert [row["prompt_id"] for row in found["disagreements"]] == ["18"]


def test_whoever_cannot_wait_has_all_texts_read(us: Any, ours: str) -> None:
    address = f"/evaluations/{ours}/results?search=Question+17"
    with httpx.Client(base_url=us.server.url, trust_env=False, timeout=30) as client:
        waiting, read = client.get(address).text, client.get(f"{address}&scan=1").text
    assert f'href="{address.replace("&", "&amp;")}&amp;scan=1"' in waiting
    assert [text.count("<tr data-row") for text in (waiting, read)] == [0, 1]
