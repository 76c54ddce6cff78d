"""Compared and ranked in a real browser: chosen, read, filtered, pointed at; and an end that is seen live."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect
from tests.support.stored import evaluated, store

HOSTILE = "<script>alert(1)</script>"
ROWS = [
    {"input": f"Question {n} {HOSTILE}", "truth": f"truth {n}", "subset": ("sums", HOSTILE)[n % 2]}
    for n in range(40)
]
FIRST = "+" * 20 + "-" * 20
SECOND = "+" * 15 + "-" * 5 + "+" * 10 + "-" * 10


@pytest.fixture(scope="module")
def ours(us: Any) -> tuple[str, str, str, str]:
    """A benchmark, and evaluations of two models on it and of one on another."""
    benchmark = us.benchmark(ROWS, name=f"Ours {HOSTILE}"[:60])
    other = us.benchmark(name="Another")
    answers = [f"The answer is {n} {HOSTILE}" for n in range(40)]
    first = evaluated(us, benchmark, FIRST, answers=answers, model_id=us.model(name="Old model"))
    model = us.model(name=f"New {HOSTILE}")
    second = evaluated(us, benchmark, SECOND, answers=[f"{one} indeed" for one in answers], model_id=model)
    evaluated(us, other, "+-+", model_id=model)
    return benchmark, first, second, other


def get(us: Any, address: str) -> httpx.Response:
    with httpx.Client(base_url=us.server.url, trust_env=False, timeout=60) as client:
        return client.get(address)


def test_two_are_chosen_compared_and_their_rows_filtered(us: Any, ours: Any, page: Page) -> None:
    _, first, second, _ = ours
    page.goto(f"/evaluations/{first}")
    page.get_by_role("link", name="Compare with").click()
    page.get_by_label("Model or id").fill("new <script>")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=f"New {HOSTILE}").click()
    assert f"a={first}&b={second}" in page.url
    expect(page.locator(".conclusion")).to_contain_text("points")
    cells = page.locator(".cell strong")
    assert cells.all_inner_texts() == ["15", "5", "10", "10"]
    expect(page.locator(".pair")).to_have_count(10)
    expect(page.get_by_text("1 to 10 of 15")).to_be_visible()
    page.locator(".cell").nth(1).click()
    expect(page.locator(".pair")).to_have_count(5)
    assert "show=comparison_fails" in page.url
    expect(page.locator(".pair mark").first).to_have_text(" indeed")
    page.get_by_label("Subset", exact=True).select_option("sums")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".pair")).to_have_count(2)
    page.go_back()
    expect(page.locator(".pair")).to_have_count(5)
    for picture in page.locator("figure.chart img").all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function(
            "image => image.complete && image.naturalWidth > 0", arg=picture.element_handle()
        )


def test_what_cannot_be_compared_is_said(us: Any, ours: Any) -> None:
    _, first, _, other = ours
    foreign = evaluated(us, other, "++-")
    page = get(us, f"/compare?a={first}&b={foreign}")
    assert page.status_code == 200
    assert 'role="alert"' in page.text
    assert get(us, f"/compare?a={first}&b=eval_unknown").status_code == 404
    assert get(us, "/compare").status_code == 200


def test_models_are_ranked_and_pointed_at(us: Any, ours: Any, page: Page) -> None:
    benchmark, _, _, other = ours
    page.goto(f"/leaderboard?benchmark={benchmark}&benchmark={other}")
    matrix = page.get_by_role("region", name="Over all of them")
    expect(matrix.get_by_role("row", name="Old model")).to_contain_text("not evaluated")
    board = page.locator("section", has=page.get_by_role("heading", name=f"Ours {HOSTILE}"[:60])).first
    expect(board.locator("tbody th").first).to_have_text(f"New {HOSTILE}")
    expect(board.locator("td.place").first).to_contain_text("1 to 2")
    chart = page.locator("[data-chart]").first
    chart.scroll_into_view_if_needed()
    expect(chart.locator(".chart-live svg")).to_be_visible(timeout=20_000)
    chart.locator(".mark-symbol path").first.hover()
    expect(page.locator("#vg-tooltip-element")).to_contain_text("95% interval")
    page.get_by_label("Company").select_option("your own")
    page.get_by_role("button", name="Show").click()
    assert page.url.endswith("&company=your+own&size=&license=")
    expect(page.locator("td.place").first).to_be_visible()


def test_the_end_is_seen_without_a_reload(us: Any, ours: Any, page: Page) -> None:
    evaluation = us.evaluation(dataset_id=ours[3])["id"]
    page.goto(f"/evaluations/{evaluation}")
    page.evaluate("window.same = true")
    expect(page.get_by_text("pending")).to_be_visible()
    store(us, evaluation, "+-+")
    expect(page.get_by_text("success", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Accuracy", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    assert page.evaluate("window.same") is True


def test_answers_are_scored_again_from_the_page(us: Any, ours: Any, page: Page) -> None:
    page.goto(f"/evaluations/{ours[1]}")
    page.get_by_label("Scorer", exact=True).select_option("includes")
    page.get_by_role("button", name="Score again").click()
    expect(page.get_by_role("status")).to_contain_text("judged again")
    page.get_by_role("button", name="Cancel scoring by includes").click()
    expect(page.get_by_role("status")).to_contain_text("cancelled")
    (scoring,) = us.get(f"/evaluations/{ours[1]}/scorings")["scorings"]
    assert (scoring["scorer"]["name"], scoring["status"]) == ("includes", "cancelled")


def test_results_are_exported(us: Any, ours: Any) -> None:
    _, first, _, _ = ours
    lines = [json.loads(line) for line in get(us, f"/evaluations/{first}/export.jsonl").text.splitlines()]
    table = list(csv.DictReader(io.StringIO(get(us, f"/evaluations/{first}/export.csv").text)))
    assert [line["prompt"] for line in lines] == [row["input"] for row in ROWS]
    assert [row["result"] for row in table] == [line["result"] for line in lines]
    packed = pq.read_table(io.BytesIO(get(us, f"/evaluations/{first}/export.parquet").content))
    assert packed["prompt"].to_pylist() == [line["prompt"] for line in lines]
    assert packed.column_names == list(lines[0]) == list(table[0])
    assert get(us, f"/evaluations/{first}/export.xlsx").status_code == 404


@pytest.mark.parametrize(
    "address", ["/charts/none.svg", "/charts/latency.svg?evaluation=x", "/charts/latency.png"]
)
def test_a_chart_that_is_not_there_is_404(us: Any, ours: Any, address: str) -> None:
    assert get(us, address).status_code == 404


def test_a_chart_can_run_nothing(us: Any, ours: Any) -> None:
    answer = get(us, f"/charts/subsets.svg?a={ours[1]}&b={ours[2]}&theme=dark")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert HOSTILE not in answer.text
    assert "&lt;script" in answer.text


def test_what_is_compared_with_is_found_as_one_types_or_without_scripts(
    us: Any, ours: Any, page: Page
) -> None:
    _, first, second, _ = ours
    page.goto(f"/compare?a={first}")
    offered = page.locator("#offered")
    expect(offered.get_by_role("link", name="New")).to_have_count(1)
    page.get_by_label("Model or id").fill("no such model")
    expect(offered).to_contain_text("No finished evaluation matches")
    page.get_by_label("Model or id").fill(second[:20])
    expect(offered.get_by_role("link", name="New")).to_have_attribute(
        "href", f"/compare?a={first}&b={second}"
    )
    assert page.url.endswith(f"/compare?a={first}&find={second[:20]}")
    assert "No finished evaluation" in get(us, f"/compare?a={first}&find=nobody").text
    assert f"b={second}" in get(us, f"/compare?a={first}&find=new+model").text


def test_evaluations_are_found_as_one_types(us: Any, ours: Any, page: Page) -> None:
    page.goto("/evaluations")
    page.keyboard.press("/")
    page.keyboard.type("old another")
    listed = page.locator("#listed")
    expect(listed).to_contain_text("No evaluation matches")
    page.get_by_label("Model, benchmark or id").fill("old ours")
    expect(listed.get_by_role("link", name="Old model")).not_to_have_count(0)
    expect(listed.get_by_role("link", name="New")).to_have_count(0)
    page.reload()
    expect(listed.get_by_role("link", name="New")).to_have_count(0)


def test_home_follows_a_few_of_many_and_says_how_many_more(us: Any, ours: Any, page: Page) -> None:
    before = us.get("/evaluations", organization_id=us.organization_id, status="pending")["total_count"]
    for _ in range(6):
        us.evaluation(dataset_id=ours[3])
    page.goto("/")
    expect(page.locator("[data-live]")).to_have_count(4)
    expect(page.get_by_role("link", name=f"{before + 2} more run")).to_be_visible()
    page.get_by_role("link", name="wait", exact=True).click()
    expect(page.locator("#listed tbody tr")).to_have_count(before + 6)


def test_long_names_are_letters_in_the_sentences(us: Any) -> None:
    benchmark = us.benchmark(ROWS, name="Compared by long names")
    name = "A model of our own whose name tells all that it was ever trained with, "
    ids = [evaluated(us, benchmark, FIRST, model_id=us.model(name=name + kind)) for kind in "ab"]
    said = re.findall(r'<p class="conclusion">(.*?)</p>', get(us, f"/compare?a={ids[0]}&b={ids[1]}").text)
    assert len(said) == 1
    assert said[0].startswith("A and B cannot be told apart over 40 prompts")
    assert re.search(r"95% interval −\d+\.\d to \+\d+\.\d\)", said[0])
