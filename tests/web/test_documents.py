"""A benchmark from documents, in a real browser: sent, generated while one looks on, refused in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.support.documents import pdf
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

QUESTION = "When was <b>Alden</b> built?"


@dataclass
class Site:
    """A platform with its workers, and the endpoint that writes."""

    url: str
    provider: ScriptedProvider


def _script(asked: str, times: int) -> Reply:
    prompts = [{"question": QUESTION, "answer": "1871"}]
    return Reply(json.dumps({"prompts": prompts}), delay=2.0 if "Slowly" in asked else 0.0)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A platform on an empty data folder."""
    folder = tmp_path_factory.mktemp("documents")
    with ScriptedProvider(_script) as provider, Platform(folder, provider.base_url) as platform:
        yield Site(platform.address, provider)


def test_documents_become_a_benchmark_while_one_looks_on(page: Page, tmp_path: Path) -> None:
    first, second = tmp_path / "a.pdf", tmp_path / "b.txt"
    first.write_bytes(pdf(["Slowly: the lighthouse of Alden was built in 1871."]))
    second.write_text("Slowly: the other one, of Brede, was never built.")
    page.goto("/benchmarks")
    page.get_by_role("link", name="From documents").click()
    page.get_by_label("Documents").set_input_files([first, second])
    page.get_by_label("Name").fill("Lighthouses")
    page.get_by_label("What kind of questions").fill("Ask about years.")
    page.get_by_label("Written by").select_option(label="GPT-4o")
    page.get_by_role("button", name="Generate").click()
    page.wait_for_url("**/benchmarks/bench_*")
    expect(page.get_by_role("heading", name="Being generated")).to_be_visible()
    expect(page.get_by_role("link", name="Evaluate on it")).to_have_count(0)
    expect(page.get_by_role("link", name="Evaluate on it")).to_be_visible()
    row = page.locator("#prompts ~ .table-wrap tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(QUESTION)
    expect(page.get_by_text("Ask about years.").first).to_be_visible()


def test_without_scripts_what_is_refused_keeps_what_was_said(site: Site) -> None:
    with httpx.Client(base_url=site.url, follow_redirects=True, trust_env=False, timeout=30) as http:
        form = http.get("/benchmarks/documents").text

        def send(**said: str) -> httpx.Response:
            token = re.search(r'name="csrf" value="([^"]+)"', form)
            assert token is not None
            said = {"csrf": token[1], "name": "Towers", "system_prompt": "Ask.", **said}
            text = b"The lighthouse of Alden was built in 1871."
            files = None if "key" in said else {"file": ("c.txt", text, "text/plain")}
            return http.post("/benchmarks/documents", data=said, files=files)

        refused = send()
        assert refused.status_code == 422
        assert "set STRATIX_GENERATOR_MODEL" in refused.text
        assert 'value="Towers"' in refused.text
        assert "1 file sent already" in refused.text
        key = re.search(r'name="key" value="([^"]+)"', refused.text)
        model = re.search(r'<option value="([^"]+)">GPT-4o</option>', refused.text)
        assert key is not None
        assert model is not None
        made = send(key=key[1], model=model[1])
        assert made.status_code == 200
        assert "<h1>Towers</h1>" in made.text
        assert "max_passages" in send(key="gone", model=model[1], max_passages="many").text


def test_a_generation_is_cancelled_and_gone_on_with(page: Page, site: Site, tmp_path: Path) -> None:
    file = tmp_path / "d.txt"
    file.write_text("Slowly, slowly the lighthouse of Alden was built, in 1871.")
    site.provider.script = lambda asked, times: Reply("{}", delay=60)
    page.goto("/benchmarks/documents")
    page.get_by_label("Documents").set_input_files(file)
    page.get_by_label("Name").fill("Never")
    page.get_by_label("What kind of questions").fill("Ask.")
    page.get_by_label("Written by").select_option(label="GPT-4o")
    page.get_by_role("button", name="Generate").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("It could not be generated: Cancelled.")
    site.provider.script = _script
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("link", name="Evaluate on it")).to_be_visible()
