"""The pages on which something is chosen, as a browser without scripts sees them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.server.conftest import Running, Tenant

HOSTILE = '"><script>alert(1)</script>'


class Visitor:
    """Somebody who looks at the dashboard without scripts, and sends its forms."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, follow_redirects=True, trust_env=False, timeout=30)

    def get(self, path: str, **query: Any) -> str:
        """Return a page that is there."""
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        assert "<script>alert" not in answer.text
        return answer.text

    def send(self, path: str, said: dict[str, Any], **files: Any) -> httpx.Response:
        """Send a form as the page that it stands on would."""
        token = re.search(r'name="csrf" value="([^"]+)"', self.get("/models/new"))
        assert token is not None
        answer = self.http.post(path, data={**said, "csrf": token[1]}, files=files or None)
        assert "<script>alert" not in answer.text
        return answer


@pytest.fixture(scope="module")
def visitor(site: Running, us: Tenant) -> Iterator[Visitor]:
    """Somebody at this machine."""
    found = Visitor(site.url)
    yield found
    found.http.close()


def test_the_address_says_what_is_chosen_and_what_it_would_take(us: Tenant, visitor: Visitor) -> None:
    us.model(key="ours/priced", cost_per_input_token="0.000001", cost_per_output_token="0.000002")
    us.benchmark(name="Sums of ours")
    page = visitor.get("/evaluations/new", model="ours/priced", benchmark="sums-of-ours", epochs=3)
    assert re.search(r"<dt>Prompts</dt><dd>9", page)
    assert '<input type="hidden" name="epochs" value="3">' in page
    unknown = visitor.get("/evaluations/new", model="nobody", benchmark="sums-of-ours")
    assert "There is no model with the key" in unknown
    no_key = visitor.get("/evaluations/new", model="claude-opus-4", benchmark="sums-of-ours")
    assert "ANTHROPIC_API_KEY" in no_key
    us.benchmark(name="Graded", custom_scorers=["simpleqa_judge"])
    assert "choose a judge" in visitor.get("/evaluations/new", model="gpt-4o", benchmark="graded")
    judged = visitor.get("/evaluations/new", model="gpt-4o", benchmark="graded", judge="gpt-4o")
    assert "choose a judge" not in judged
    wrong = visitor.get("/evaluations/new", model="ours/priced", benchmark="sums-of-ours", limit="many")
    assert 'aria-invalid="true"' in wrong


def test_evaluations_start_once_and_all_or_none(us: Tenant, visitor: Visitor) -> None:
    us.model(key="ours/one")
    us.model(key="ours/two")
    us.benchmark(name="Started on")
    said = {"model": ["ours/one", "ours/two"], "benchmark": "started-on", "limit": "2", "start_key": "once"}
    assert "2 evaluations are started" in visitor.send("/evaluations/new", said).text
    visitor.send("/evaluations/new", said)
    mine = us.get("/evaluations", organization_id=us.organization_id, project_id=us.project_id)
    found = [row for row in mine["evaluations"] if row["model_key"] in ("ours/one", "ours/two")]
    assert len(found) == 2
    bad = visitor.send("/evaluations/new", {**said, "epochs": "0", "start_key": "other"})
    assert bad.status_code == 422
    assert 'name="limit" type="number" value="2"' in bad.text


def test_a_form_without_its_token_is_refused(visitor: Visitor) -> None:
    visitor.get("/models")
    for path in ("/evaluations/new", "/models/new", "/benchmarks/new", "/benchmarks/new/file"):
        assert visitor.http.post(path, data={"name": "x"}).status_code == 403
    answer = visitor.http.post("/benchmarks/new/address", json={"filename": "a.csv", "size": 1})
    assert answer.status_code == 403


def test_models_are_searched_and_narrowed_down(us: Tenant, visitor: Visitor) -> None:
    us.model(name=HOSTILE, key="hostile/name")
    page = visitor.get("/models", maker="Your own", q="hostile")
    assert "&lt;script&gt;" in page
    assert "GPT-4o" not in page
    mini = visitor.get("/models", maker="OpenAI", q="4o mini", state="ready")
    assert "GPT-4o mini" in mini
    assert "Claude" not in mini.split("<tbody>")[1]
    assert "No model fits" in visitor.get("/models", q="no such model at all")


def test_what_a_form_says_wrong_stands_beside_its_field(us: Tenant, visitor: Visitor) -> None:
    said = {
        "name": HOSTILE,
        "key": "Not A Key",
        "api_url": "ftp://nowhere",
        "max_tokens": "0",
        "api_key": "sk-typed",
        "input_price": "cheap",
    }
    answer = visitor.send("/models/new", said)
    assert answer.status_code == 422
    assert "is no amount of US dollars" in answer.text
    answer = visitor.send("/models/new", {**said, "input_price": "0.5"})
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') >= 3
    assert "sk-typed" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_a_model_is_changed_and_its_key_forgotten(us: Tenant, visitor: Visitor) -> None:
    model_id = us.model(api_key="sk-stored", requests_per_minute=5)
    assert "A key is stored" in visitor.get(f"/models/{model_id}")
    said = {
        "api_url": "http://127.0.0.1:9/other",
        "max_tokens": "55",
        "output_price": "0.6",
        "forget_key": "true",
        "extra_payload": '{"top_p": 0.5}',
    }
    page = visitor.send(f"/models/{model_id}", said).text
    assert "No key is stored" in page
    assert "127.0.0.1:9/other" in page
    found = us.get(f"{us.project}/models/{model_id}")["data"]
    assert (found["max_tokens"], found["cost_per_output_token"]) == (55, "0.0000006")
    assert found["requests_per_minute"] is None
    bad = visitor.send(f"/models/{model_id}", {**said, "extra_payload": "[1"})
    assert bad.status_code == 422
    assert "is not JSON" in bad.text


def test_a_benchmark_is_uploaded_without_scripts(us: Tenant, visitor: Visitor) -> None:
    rows = b"question;right;wrong\nWhat is 1 + 1?;2;3\nWhat is 2 + 2?;4;5\n"
    page = visitor.send("/benchmarks/new/file", {}, file=(f"{HOSTILE[2:10]}.csv", rows, "text/csv"))
    assert page.status_code == 200, page.text
    following = str(page.url)
    assert "<option>wrong</option>" in page.text
    mapped = visitor.http.get(following, params={**dict(page.url.params), "map_truth": "right"})
    assert "What is 1 + 1?" in mapped.text
    assert "2 prompts" in mapped.text
    said = {**dict(page.url.params), "map_truth": "right", "name": "Sums by form", "scorer": "numeric"}
    made = visitor.send("/benchmarks/new", said)
    address, shown = str(made.url), made.text
    deadline = time.monotonic() + 20
    while "What is 2 + 2?" not in shown:
        assert time.monotonic() < deadline
        assert "is being made" in shown
        shown = visitor.get(address)
    assert "numeric" in shown


def test_a_file_that_cannot_be_used_is_told_row_by_row(us: Tenant, visitor: Visitor) -> None:
    rows = b'{"input": "a", "truth": "b"}\n{"input": "only"}\n<script>alert(1)</script>\n'
    page = visitor.send("/benchmarks/new/file", {}, file=("bad.jsonl", rows, "application/jsonl"))
    assert "Row 2" in page.text
    assert "Row 3" in page.text
    refused = visitor.send("/benchmarks/new/file", {}, file=("picture.png", b"x", "image/png"))
    assert refused.status_code == 422
    assert "must end in one of" in refused.text
    large = visitor.send("/benchmarks/new/file", {}, file=("l.csv", b"x" * 10_000_001, "text/csv"))
    assert large.status_code == 413


def test_benchmarks_are_narrowed_down_installed_and_looked_through(us: Tenant, visitor: Visitor) -> None:
    us.benchmark(name=HOSTILE)
    assert "&lt;script&gt;" in visitor.get("/benchmarks")
    listed = visitor.get("/benchmarks", kinds="mathematics", state="not installed")
    assert "GSM8K" in listed
    entry = us.get(f"{us.project}/benchmarks", key="first-steps")["data"]["datasets"][0]
    before = visitor.get(f"/benchmarks/{entry['id']}")
    assert "Its prompts are not here yet" in before
    us.post(f"{us.project}/benchmarks/{entry['id']}/install", {})
    page = visitor.get(f"/benchmarks/{entry['id']}", q="capital of Japan")
    assert "Tokyo" in page
    assert "1 to 1 of 1" in page
    assert "Apache-2.0" in page
    assert "capitals" in page
    begun = visitor.send(f"/benchmarks/{entry['id']}/verify", {}).text
    deadline = time.monotonic() + 20
    while "no problem found" not in begun:
        assert time.monotonic() < deadline
        assert 'http-equiv="refresh"' in begun
        begun = visitor.get(f"/benchmarks/{entry['id']}")
    assert "Truths given as answers score 100.0%" in visitor.get(f"/benchmarks/{entry['id']}", page=2)


def test_a_benchmark_is_imported_from_files_without_scripts(us: Tenant, visitor: Visitor) -> None:
    entry = us.get(f"{us.project}/benchmarks", key="gsm8k")["data"]["datasets"][0]
    here = f"/benchmarks/{entry['id']}"
    refused = visitor.send(f"{here}/install", {}, file=("x.exe", b"no", "text/plain"))
    assert refused.status_code == 422
    assert "must end in one of" in refused.text
    said = visitor.send(f"{here}/install", {}, file=("test.jsonl", b'{"nothing": 1}', "text/plain")).text
    deadline = time.monotonic() + 20
    while "could not be installed" not in said:
        assert time.monotonic() < deadline
        said = visitor.get(here)
    assert "gsm8k" in said.lower()
