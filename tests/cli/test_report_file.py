"""`stratix report`: one file that stands by itself, whatever models and users have written."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import HOSTILE, Evaluated, Run

from layerlens.models import Evaluation, EvaluationFigures
from stratix.cli._markdown import escaped, fenced
from stratix.cli._report_charts import MOST_SUBSETS, of_evaluation
from stratix.cli._report_data import ReportData, Reported, command_of
from stratix.cli._report_html import as_html
from stratix.cli._report_text import as_markdown

EVIL = (
    '</style></svg></pre><script>alert(1)</script><img src="https://x.example/a" onerror=alert(2)> '
    "{{ 7 * 7 }}"
)
OURS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "section", "div", "figure"),
    *("h1", "h2", "h3", "p", "ul", "li", "strong", "span", "pre", "dl", "dt", "dd"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td", "svg", "g", "path", "rect", "line", "text"),
    "tspan",
}


class Page(HTMLParser):
    """A page as a browser would take it apart."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def evaluation(**changed: Any) -> Evaluation:
    summary = {
        "analysis_summary": {"key_takeaways": [f"It says {EVIL}."]},
        "performance_details": {"strengths": [EVIL], "challenges": [HOSTILE]},
        "error_analysis": {"common_failure_modes": [EVIL], "example": f"```\n{EVIL}\n{HOSTILE}"},
        "metrics": [{"name": "accuracy", "description": EVIL}],
    }
    given = {
        "id": "eval-1",
        "status": "success",
        "status_description": EVIL,
        "submitted_at": 1,
        "finished_at": 2,
        "model_id": "m",
        "model_name": EVIL,
        "model_key": "it's; rm -rf /",
        "dataset_id": "b",
        "dataset_name": EVIL,
        "average_duration": 1,
        "accuracy": 0.9,
        "accuracy_interval": [0.85, 0.93],
        "outcomes": {"correct": 180, "incorrect": 16, "failed": 4},
        "subsets": [{"name": EVIL, "count": 200, "correct": 180, "accuracy": 0.9, "low": 0.85, "high": 0.93}],
        "settings": {"limit": 200, "system": EVIL},
        "summary": summary,
    }
    return Evaluation.model_validate({**given, **changed})


def data(one: Evaluation) -> ReportData:
    figures = EvaluationFigures(evaluation_id=one.id, count=200)
    return ReportData([Reported(one, figures, command_of(one))], [], "0.1.0", datetime.now(UTC))


def check(page: Page) -> None:
    """See that a page is ours alone: nothing is loaded, nothing runs."""
    assert {tag for tag, _ in page.tags} <= OURS
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") or name in ("src", "href", "style") for name in attributes), tag
        if tag == "svg":
            assert attributes["role"] == "img"
            assert len(attributes["aria-label"] or "") > 20


def test_whatever_is_in_it_is_text() -> None:
    html = as_html(data(evaluation()))
    page = Page(html)
    check(page)
    assert page.text.count("<script>alert(1)</script>") > 5
    assert "{{ 7 * 7 }}" in page.text
    assert [tag for tag, _ in page.tags].count("svg") == 2


def test_its_policy_lets_its_own_style_apply_and_nothing_else() -> None:
    html = as_html(data(evaluation()))
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.replace("&#39;", "'").split("; ")[:2] == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
    ]
    assert "url(" not in style
    assert "@import" not in style


def test_markdown_shows_what_is_in_it_and_does_nothing() -> None:
    text = as_markdown(data(evaluation()))
    outside = re.sub(r"^(`{3,})$.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert not re.search(r"<(?!0)|https://", outside)
    assert "\x1b" not in text
    assert "````\n```" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*a* [b](c) <i>", "\\*a\\* \\[b\\](c) &lt;i&gt;"),
        ("# no | heading", "\\# no \\| heading"),
        ("- no item", "\\- no item"),
        ("1. no item", "1\\. no item"),
        ("12) no item", "12\\) no item"),
        ("1.5% of 3.4", "1.5% of 3.4"),
        ("see https://x.example or www.x.example", "see https:\\//x.example or www\\.x.example"),
        ("a\nb\x1b", "a b\\\\x1b"),
    ],
)
def test_what_means_something_in_markdown_is_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_a_fence_is_longer_than_any_in_it() -> None:
    assert fenced("a\n````\nb") == ["`````", "a\n````\nb", "`````"]


def test_the_command_is_one_that_runs_the_same() -> None:
    one = evaluation(judge_model_id="j", judge_model_key="gpt-4o", epochs=3, epochs_reducer="pass@2")
    one.settings["metrics"] = {"readability": {}}
    assert command_of(one) == (
        "stratix evaluate run --model 'it'\"'\"'s; rm -rf /' --benchmark b --judge gpt-4o --limit 200 "
        "--epochs 3 --reducer pass@2 --metric readability"
    )


def test_of_many_subsets_a_chart_shows_both_ends() -> None:
    subsets = [{"name": f"s{n:02}", "count": 9, "correct": 5, "accuracy": n / 99} for n in range(99)]
    spec = of_evaluation(evaluation(subsets=subsets), EvaluationFigures(evaluation_id="x", count=1))[0]
    said = str(spec["description"])
    assert said.startswith("Accuracy by subset: the best and the worst of 99. s98: ")
    assert said.count(";") == MOST_SUBSETS - 1
    assert "s50" not in said


def test_an_evaluation_that_says_little_is_reported_too() -> None:
    bare = evaluation(
        status="failure", outcomes={}, accuracy_interval=None, summary=None, settings=None, subsets=[]
    )
    page = Page(as_html(data(bare)))
    check(page)
    assert "failure" in page.text
    assert "failure" in as_markdown(data(bare))


def test_reports_of_real_evaluations(stratix: Run, evaluated: Evaluated, tmp_path: Path) -> None:
    again = ("evaluate", "run", "--model", "gpt-4o-mini", "--benchmark", evaluated.benchmark, "--limit", "5")
    second = json.loads(stratix(*again, "--watch", "--format", "json").stdout)
    files = {suffix: tmp_path / f"report.{suffix}" for suffix in ("html", "md", "json")}
    for file in files.values():
        stratix("report", evaluated.id, second["id"], "-o", str(file))
    html = files["html"].read_text(encoding="utf-8")
    page = Page(html)
    check(page)
    command = f"stratix evaluate run --model gpt-4o-mini --benchmark {evaluated.benchmark} --limit 5"
    markdown = files["md"].read_text(encoding="utf-8")
    for text in (page.text, markdown):
        assert command in text
        assert "cannot be told apart over 5 prompts" in text
        assert "33.3%" in text
        assert "readability" not in text
    # Of the comparison four; of each evaluation subsets, outcomes, latency and both lengths.
    assert [tag for tag, _ in page.tags].count("svg") == 4 + 5 + 5
    assert "\x1b" not in markdown
    found = json.loads(files["json"].read_text())
    assert [one["evaluation"]["id"] for one in found["evaluations"]] == [evaluated.id, second["id"]]
    assert found["evaluations"][0]["figures"]["count"] == 6
    assert found["comparisons"][0]["pairs"][0]["overall"]["prompts"] == 5


def test_what_cannot_be_reported_is_said(stratix: Run, evaluated: Evaluated, tmp_path: Path) -> None:
    def refused(*arguments: str, code: int) -> str:
        return stratix("report", *arguments, code=code).stderr

    assert "print the .html" in refused(evaluated.id, "-o", str(tmp_path / "report.pdf"), code=2)
    assert "could not be written" in refused(evaluated.id, "-o", str(tmp_path / "no" / "r.md"), code=1)
    assert "evaluate list" in refused("eval_none", "-o", str(tmp_path / "r.md"), code=3)
    assert not list(tmp_path.iterdir())
