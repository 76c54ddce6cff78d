"""The results explorer: filter, sort, search, open one, walk on, and whatever models write does nothing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.support.stored import evaluated

MARK = "if (!window.ran) { window.ran = 1; alert('ran') }"
CORPUS = [
    f"<script>{MARK}</script>",
    f'"><img src=x onerror="{MARK}">',
    f'\'><svg/onload="{MARK}">',
    f"</textarea></title></style><script>{MARK}</script>",
    f"[click](javascript:{MARK}) <javascript:alert(1)> ![picture](http://198.51.100.7/picture.png)",
    f'<iframe srcdoc="<script>parent.{MARK}</script>"></iframe>',
    f'<a href="java\tscript:{MARK}" autofocus onfocus="{MARK}">link</a>',
    "{{ 7 * 7 }} {% raw %} ${alert(1)} <%= 1 %>",
    '<style>@import "http://198.51.100.7/style.css"</style><link rel=stylesheet href=//198.51.100.7/x>',
    f'<form action="http://198.51.100.7"><input onfocus="{MARK}" autofocus></form>',
    "\u202egnp.exe\u202c \u2066 \x1b[31m \x07 ]]> --> <!--",
    f'<math><mtext><table><mglyph><style><!--</style><img title="--><img src=1 onerror={MARK}>">',
    f'```html\n<script>{MARK}</script>\n```\n\n# <b onclick="{MARK}">head</b>',
]
ROWS = [
    {"input": f"Question {number}: {text}", "truth": f"{text} {number}", "subset": f"part {number % 2}"}
    for number, text in enumerate(CORPUS * 5)
]
MARKS = "".join("+-x~t"[number % 5] for number in range(len(ROWS)))


@pytest.fixture(scope="module")
def ours(us: Any) -> str:
    """An evaluation of 65 results whose every text is hostile."""
    benchmark = us.benchmark(ROWS, name=f"B {CORPUS[0]}"[:60])
    model = us.model(name=f"M {CORPUS[1]}")
    answers = [f"{row['input']} is {row['truth']}" for row in ROWS]
    answers[1] = "A long answer. " * 2000 + "its end"
    evaluated(us, benchmark, MARKS, answers=answers)
    return evaluated(us, benchmark, MARKS, answers=answers, model_id=model)


def get(us: Any, path: str) -> httpx.Response:
    with httpx.Client(base_url=us.server.url, trust_env=False, timeout=30) as client:
        return client.get(path)


def press(page: Page, *keys: str) -> None:
    """Press keys once the page listens."""
    page.wait_for_load_state()
    for key in keys:
        page.keyboard.press(key)


def test_pages_of_other_organisations_are_not_there(us: Any) -> None:
    them = us.server.tenant("Theirs")
    theirs = evaluated(them, them.benchmark(), "+++")
    them.http.close()
    for path in ("", "/0-0"):
        answer = get(us, f"/evaluations/{theirs}/results{path}")
        assert answer.status_code == 404
        assert "A model" not in answer.text


def test_what_no_page_has_is_said(us: Any, ours: str) -> None:
    here = f"/evaluations/{ours}/results"
    for path in ("/0-1000000", "/x", "/1", "/0-0-0", "/0-99999999999"):
        assert get(us, here + path).status_code == 404
    answer = get(us, f"{here}?min_score=x")
    assert answer.status_code == 422
    assert "min_score" in answer.text
    assert "cursor: is no cursor" in get(us, f"{here}?cursor=abc").text
    assert "No result matches." in get(us, f"{here}?search=nowhere+to+be+found").text


def test_failures_are_filtered_opened_and_walked_through(page: Page, us: Any, ours: str) -> None:
    page.goto(f"/evaluations/{ours}")
    page.get_by_role("link", name="Results").click()
    expect(page.locator("tr[data-row]")).to_have_count(50)
    page.get_by_label("wrong").check()
    page.get_by_role("button", name="Show").click()
    rows = page.locator("tr[data-row]")
    expect(rows).to_have_count(13)
    expect(page.get_by_text("1 to 13 of 13 results")).to_be_visible()
    press(page, "j", "j", "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Result 7")
    press(page, "ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text("Result 12")
    press(page, "ArrowLeft")
    expect(page.get_by_role("heading", level=1)).to_have_text("Result 7")
    press(page, "ArrowLeft")
    expect(page.get_by_role("heading", level=1)).to_have_text("Result 2")
    expect(page.locator("a[rel=prev]")).to_have_count(0)
    assert "its end" not in page.content()
    page.get_by_role("link", name="Show the rest").click()
    expect(page.get_by_text("its end")).to_be_attached()
    page.get_by_role("link", name="All results").click()
    expect(rows).to_have_count(13)
    for _ in range(2):
        page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Result 2")


def test_pages_are_walked_forth_and_back(page: Page, us: Any, ours: str) -> None:
    page.goto(f"/evaluations/{ours}/results")
    page.get_by_role("columnheader", name="Answer").get_by_role("link").click()
    head = page.get_by_role("columnheader", name="Answer")
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(page.locator("tr[data-row] .place").first).to_have_text("2")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("51 to 65 of 65 results")).to_be_visible()
    page.get_by_role("link", name="Previous").click()
    expect(page.get_by_text("1 to 50 of 65 results")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("51 to 65 of 65 results")).to_be_visible()
    press(page, "/")
    page.keyboard.type("QUESTION 64")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-row]")).to_have_count(1)


@pytest.mark.parametrize("query", ["", "?as=markdown&full=1"])
def test_nothing_that_a_model_writes_runs(page: Page, us: Any, ours: str, query: str) -> None:
    for position in range(len(CORPUS)):
        page.goto(f"/evaluations/{ours}/results/0-{position}{query}")
        for folded in page.locator("details:not([open]) > summary").all():
            folded.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Result {position + 1}")
        hostile = "main :is(script, iframe, img, svg[onload], form, style, [onerror], [onfocus], [onclick])"
        assert page.locator(hostile).count() == 0
        assert page.evaluate("window.ran") is None
    page.goto(f"/evaluations/{ours}/results{query}")
    expect(page.locator("tr[data-row]")).to_have_count(50)
    assert page.evaluate("window.ran") is None


@pytest.mark.parametrize("width", [1440, 360])
def test_no_page_is_wider_than_the_screen(page: Page, us: Any, ours: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("", "/0-3", "/0-1?full=1"):
        page.goto(f"/evaluations/{ours}/results{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
