"""Evaluations that run, in a real browser: seen as they go on, stopped at a budget, scored again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens import Stratix
from layerlens.models import Evaluation


@dataclass
class Site:
    """A platform with its workers.

    Attributes:
        url: its address.
        client: calls it.
    """

    url: str
    client: Stratix

    def start(self, **options: object) -> Evaluation:
        """Start an evaluation of 30 prompts, which takes a second or two."""
        model = self.client.models.get_by_key("gpt-4o-mini")
        benchmark = self.client.benchmarks.get_by_key("first-steps")
        assert model is not None
        assert benchmark is not None
        return self.client.evaluations.create(model, benchmark, limit=30, concurrency=2, **options)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A platform on an empty data folder, whose model takes its time."""
    usage = {"prompt_tokens": 40, "completion_tokens": 2}
    folder = tmp_path_factory.mktemp("running")
    with (
        ScriptedProvider(lambda asked, times: Reply("Paris", delay=0.15, usage=usage)) as provider,
        Platform(folder, provider.base_url) as platform,
        platform.client() as client,
    ):
        yield Site(platform.address, client)


def test_home_shows_what_runs_as_it_goes_on(site: Site, page: Page) -> None:
    site.start()
    page.goto("/")
    page.evaluate("window.same = true")
    card = page.locator("article[data-live]")
    seen = set()
    expect(card).to_contain_text("of 30 prompts")
    expect(card).to_contain_text(re.compile(r"[1-9]\d* tokens read, \d+ written.*\$0\.\d+ spent", re.S))
    while card.count() and len(seen) < 100:
        seen.add(card.locator("span.number, .number span").first.inner_text(timeout=2_000))
        page.wait_for_timeout(150)
        if page.get_by_role("heading", name="Latest").count():
            break
    assert len(seen) > 2, seen
    expect(page.get_by_role("heading", name="Running")).to_have_count(0)
    expect(page.get_by_role("link", name="GPT-4o mini").first).to_be_visible()
    assert page.evaluate("window.same") is True


def test_an_evaluation_paused_at_its_budget_goes_on_once_it_is_raised(site: Site, page: Page) -> None:
    evaluation = site.start(budget_tokens=1_500)
    page.goto(f"/evaluations/{evaluation.id}")
    page.evaluate("window.same = true")
    expect(page.get_by_text("paused", exact=True)).to_be_visible(timeout=20_000)
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    assert page.evaluate("window.same") is True
    page.get_by_label("At most, in tokens").fill("1,000,000")
    page.get_by_role("button", name="Set the budget").click()
    expect(page.get_by_role("status")).to_contain_text("goes on")
    expect(page.get_by_text("success", exact=True)).to_be_visible(timeout=20_000)


def test_other_verdicts_are_shown_and_taken_back(site: Site, page: Page) -> None:
    evaluation = site.client.evaluations.wait_for_completion(site.start(), timeout_seconds=60)
    assert evaluation is not None
    page.goto(f"/evaluations/{evaluation.id}")
    page.get_by_label("Scorer", exact=True).select_option("includes")
    page.get_by_role("button", name="Score again").click()
    shown = page.get_by_role("button", name="Show the verdicts of includes")
    expect(shown).to_be_visible(timeout=20_000)
    shown.click()
    expect(page.get_by_text("shown", exact=True)).to_be_visible()
    page.get_by_role("button", name="Back to the first verdicts").click()
    expect(page.get_by_text("shown", exact=True)).to_have_count(0)


def test_an_evaluation_is_deleted_after_a_question(site: Site, page: Page) -> None:
    evaluation = site.start()
    page.goto(f"/evaluations/{evaluation.id}")
    delete = page.locator("summary", has_text="Delete")
    expect(delete).to_have_count(0)
    page.get_by_role("button", name="Cancel").click()
    sure = page.get_by_role("button", name="Delete for good")
    expect(sure).to_be_hidden()
    page.wait_for_load_state("networkidle")  # A chart that comes later would be one of nothing.
    delete.click()
    sure.click()
    expect(page.get_by_role("status")).to_contain_text("deleted")
    assert page.locator(f"a[href='/evaluations/{evaluation.id}']").count() == 0
    assert site.client.evaluations.get_by_id(evaluation.id) is None
