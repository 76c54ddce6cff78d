"""From an empty data folder, in a real browser: evaluate, upload a benchmark, add a model and try it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

HOSTILE = "<img src=x onerror=alert(1)>"
SECRET = "sk-nobody-may-see-this"


@dataclass
class Site:
    """A platform with its workers, and the endpoint that its models are asked at."""

    url: str
    provider: ScriptedProvider


def _script(asked: str, times: int) -> Reply:
    if "Count from" in asked:  # It ignores the limit.
        return Reply("1, 2, 3", usage={"prompt_tokens": 9, "completion_tokens": 400})
    if "Say hello" in asked:
        return Reply(f"Hello {HOSTILE} {SECRET}", message={"reasoning_content": "Let me think."}, delay=0.2)
    return Reply("Paris", delay=0.1)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A platform on an empty data folder."""
    folder = tmp_path_factory.mktemp("empty")
    with ScriptedProvider(_script) as provider, Platform(folder, provider.base_url) as platform:
        yield Site(platform.address, provider)


def test_an_evaluation_is_chosen_started_and_watched_to_its_end(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="New evaluation").first.click()
    estimate = page.locator("#estimate")
    expect(estimate).to_contain_text("Choose at least one model")
    page.get_by_label("Search by name, key or company").fill("gpt-4o mini")
    expect(page.locator("label.pick:visible", has_text="Claude")).to_have_count(0)
    page.get_by_label("GPT-4o mini").check()
    page.get_by_label("First steps").check()
    page.get_by_label("Prompts at most").fill("21")
    expect(estimate.locator(".tile", has_text="Prompts")).to_contain_text("21")
    expect(estimate.locator(".tile", has_text="US dollars")).to_contain_text("$")
    assert "benchmark=first-steps" in page.url
    assert "limit=21" in page.url
    page.get_by_label("Prompts at a time").fill("2")
    expect(estimate.locator("input[name=concurrency]")).to_have_value("2")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**/evaluations/*")
    expect(page.get_by_role("heading", name="GPT-4o mini on First steps")).to_be_visible()
    expect(page.get_by_text("success", exact=True)).to_be_visible(timeout=30_000)
    expect(page.get_by_text("21 of 21 answers")).to_be_visible()


def test_several_models_and_benchmarks_are_started_at_once(page: Page) -> None:
    page.goto("/evaluations/new?model=gpt-4o&model=gpt-4o-mini&benchmark=first-steps&limit=1&cache=true")
    page.get_by_text("Each of the 2").click()
    expect(page.locator("#estimate tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Start 2 evaluations").click()
    expect(page.get_by_role("status")).to_contain_text("2 evaluations are started")


def test_a_file_is_uploaded_mapped_looked_at_and_made(page: Page, tmp_path: Path) -> None:
    file = tmp_path / f"{HOSTILE}.csv"
    rows = [f"What is <b>{number}</b> plus 1?;{number + 1};sums" for number in range(12)]
    file.write_text("\n".join(["frage;antwort;fach", *rows]))
    page.goto("/benchmarks")
    page.get_by_role("link", name="Upload your own").click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url("**/benchmarks/new?file=*")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("It is not clear which column is what")
    expect(preview.get_by_role("button", name="Make the benchmark")).to_be_disabled()
    page.get_by_label("Question", exact=True).select_option("frage")
    page.get_by_label("Truth", exact=True).select_option("antwort")
    page.get_by_label("Subset").select_option("fach")
    page.get_by_label("System message").fill("Be short.")
    expect(preview.get_by_text("Be short.").first).to_be_visible()
    expect(preview.get_by_text("What is <b>0</b> plus 1?")).to_be_visible()
    page.get_by_role("textbox", name="Name").fill(HOSTILE)
    expect(preview.locator("input[name=name]")).to_have_value(HOSTILE)
    preview.get_by_role("button", name="Make the benchmark").click()
    page.wait_for_url("**/benchmarks/bench_*")
    expect(page.get_by_role("heading", name=HOSTILE)).to_be_visible()
    expect(page.get_by_role("row", name="What is <b>11</b> plus 1?")).to_be_visible()
    page.get_by_label("Search").fill("11</b>")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("1 to 1 of 1")).to_be_visible()
    here = page.url
    page.get_by_role("button", name="Verify").click()
    page.goto("/models")
    page.goto(here)  # Whoever leaves and comes back finds it.
    expect(page.get_by_text("no problem found")).to_be_visible()


def test_a_large_file_is_looked_at_in_part_and_refused_or_made_in_full(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    rows = [f'"Question {number}\n of ""many"" {"x" * 80}",{number}' for number in range(20_000)]
    file.write_text("\n".join(["frage,antwort", *rows, "a row of one cell"]))
    page.goto("/benchmarks/new")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    page.get_by_label("Question", exact=True).select_option("frage")
    page.get_by_label("Truth", exact=True).select_option("antwort")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("The first 200 prompts")
    preview.get_by_role("button", name="Make the benchmark").click()
    problem = page.get_by_role("alert").first
    expect(problem).to_contain_text("has 1 cells, but the header has 2", timeout=30_000)
    expect(page.get_by_label("Question", exact=True)).to_have_value("frage")
    file.write_text("\n".join(["frage,antwort", *rows]))
    page.goto("/benchmarks/new")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    page.get_by_label("Question", exact=True).select_option("frage")
    page.get_by_label("Truth", exact=True).select_option("antwort")
    preview.get_by_role("button", name="Make the benchmark").click()
    expect(page.get_by_text("1 to 20 of 20,000")).to_be_visible(timeout=30_000)


def test_a_benchmark_is_imported_from_files(page: Page, tmp_path: Path) -> None:
    good, bad = Path(__file__).parents[2] / "../shared/data/gsm8k/test.jsonl", tmp_path / "test.jsonl"
    if not good.exists():
        pytest.skip(f"{good} is not there")
    bad.write_text('{"question": "1 plus 1?", "answer": "It is 2.\\n#### 2"}\n')
    page.goto("/benchmarks?q=gsm8k")
    page.get_by_role("link", name="GSM8K", exact=True).click()
    page.get_by_text("Import from files of your own").click()
    page.get_by_label("Files").set_input_files(bad)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("alert")).to_contain_text("The file is not the one GSM8K is made of.")
    page.get_by_text("Import from files of your own").click()
    page.get_by_label("Files").set_input_files(good)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("1 to 20 of 1,319")).to_be_visible(timeout=20_000)


def test_a_model_is_added_tried_changed_and_deleted(page: Page, site: Site) -> None:
    page.goto("/models/new")
    page.get_by_label("Name").fill(HOSTILE)
    page.get_by_label("Address of its chat completions").fill(site.provider.url)
    page.get_by_label("API key").fill(SECRET)
    page.get_by_label("Price of reading").fill("0.15")
    page.get_by_label("Key", exact=True).fill("mine/hostile")
    page.get_by_role("button", name="Add the model").click()
    expect(page.get_by_role("heading", name=HOSTILE)).to_be_visible()
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("It ignores the token limit: 400 tokens where 16 were allowed.")).to_be_visible(
        timeout=20_000
    )
    expect(page.get_by_text("It thinks aloud before it answers")).to_be_visible()
    expect(page.get_by_text(f"Hello {HOSTILE} ***").first).to_be_visible()
    assert SECRET not in page.content()
    assert any(header.get("Authorization") == f"Bearer {SECRET}" for header in site.provider.headers)
    page.get_by_label("Most tokens of an answer").fill("77")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("77 tokens")).to_be_visible()
    expect(page.get_by_text("A key is stored, encrypted")).to_be_visible()
    page.get_by_text("Delete it").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("The model is deleted")


def test_a_benchmark_is_installed_while_one_looks(page: Page) -> None:
    page.goto("/benchmarks?q=first")
    page.get_by_role("link", name="First steps").click()
    page.get_by_role("button", name="Install").click()
    expect(page.get_by_text("1 to 20 of 140")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("row", name="capitals-01")).to_be_visible()
