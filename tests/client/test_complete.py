"""Whatever the API serves, the client has a method for."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from layerlens import Stratix, StratixError
from layerlens.models import ModelTry, PublicBenchmark, PublicModel, Scoring
from stratix.api import create_app
from stratix.settings import Settings
from stratix.storage.database import Database
from stratix.storage.vault import Vault

IN_PROJECT = "/organizations/{organization_id}/projects/{project_id}"
TRY = ModelTry(id="t", model_id="m", status="pending", created_at=0.0)
MODEL = PublicModel.model_construct(id="m")
BENCHMARK = PublicBenchmark.model_construct(id="b")
SCORING = Scoring.model_construct(id="s", evaluation_id="e")

USES: dict[str, Callable[[Any], Any]] = {
    "GET /organizations": lambda c: c.get_organization(),
    f"PATCH {IN_PROJECT}": lambda c: c.models.add("m"),
    "GET /organizations/{organization_id}/api-keys": lambda c: c.api_keys.get(),
    "POST /organizations/{organization_id}/api-keys": lambda c: c.api_keys.create("k"),
    "DELETE /organizations/{organization_id}/api-keys/{key_id}": lambda c: c.api_keys.revoke("k"),
    f"GET {IN_PROJECT}/models": lambda c: c.models.get(),
    f"GET {IN_PROJECT}/models/{{model_id}}": lambda c: c.models.get_by_id("m"),
    f"POST {IN_PROJECT}/models/{{model_id}}/tries": lambda c: c.models.start_try("m"),
    f"GET {IN_PROJECT}/models/{{model_id}}/tries/{{try_id}}": lambda c: c.models.get_try(TRY),
    f"POST {IN_PROJECT}/custom-models": lambda c: c.models.create_custom(
        name="n", key="k", api_url="http://host/v1/chat/completions", max_tokens=1
    ),
    f"PATCH {IN_PROJECT}/custom-models/{{model_id}}": lambda c: c.models.update_custom("m", max_tokens=1),
    f"DELETE {IN_PROJECT}/custom-models/{{model_id}}": lambda c: c.models.delete_custom("m"),
    f"GET {IN_PROJECT}/benchmarks": lambda c: c.benchmarks.get(),
    f"GET {IN_PROJECT}/benchmarks/{{benchmark_id}}": lambda c: c.benchmarks.get_by_id("b"),
    f"GET {IN_PROJECT}/benchmarks/{{benchmark_id}}/prompts": lambda c: c.benchmarks.get_prompts("b"),
    f"POST {IN_PROJECT}/benchmarks/{{benchmark_id}}/install": lambda c: c.benchmarks.start_install("b"),
    f"GET {IN_PROJECT}/benchmarks/{{benchmark_id}}/install": lambda c: c.benchmarks.get_install_progress("b"),
    f"POST {IN_PROJECT}/benchmarks/{{benchmark_id}}/verify": lambda c: c.benchmarks.verify("b"),
    f"GET {IN_PROJECT}/benchmarks/{{benchmark_id}}/verify": lambda c: c.benchmarks.get_verify_progress("b"),
    f"POST {IN_PROJECT}/upload": lambda c: c.benchmarks.create_custom(name="n", file_path=c.file),
    f"POST {IN_PROJECT}/custom-benchmarks": lambda c: c.benchmarks.create_custom(name="n", file_path=c.file),
    f"POST {IN_PROJECT}/smart-benchmarks": lambda c: c.benchmarks.create_smart(
        name="n", system_prompt="s", file_paths=[c.file]
    ),
    f"POST {IN_PROJECT}/smart-benchmarks/{{benchmark_id}}/cancel": (
        lambda c: c.benchmarks.cancel_generation("b")
    ),
    f"POST {IN_PROJECT}/smart-benchmarks/{{benchmark_id}}/resume": (
        lambda c: c.benchmarks.resume_generation("b")
    ),
    "PUT /uploads/{token}": lambda c: c.benchmarks.create_custom(name="n", file_path=c.file),
    f"POST {IN_PROJECT}/evaluations": lambda c: c.evaluations.create(MODEL, BENCHMARK),
    f"POST {IN_PROJECT}/estimates": lambda c: c.evaluations.estimate(MODEL, BENCHMARK),
    "GET /evaluations": lambda c: c.evaluations.get_many(),
    "GET /evaluations/{evaluation_id}": lambda c: c.evaluations.get_by_id("e"),
    "GET /evaluations/{evaluation_id}/events": lambda c: c.evaluations.wait_for_completion("e"),
    "GET /evaluations/{evaluation_id}/figures": lambda c: c.evaluations.get_figures("e"),
    "GET /evaluations/{evaluation_id}/search": lambda c: c.results.prepare_search("e", "text"),
    "GET /evaluations/{evaluation_id}/contamination": lambda c: c.evaluations.get_contamination("e"),
    "POST /evaluations/{evaluation_id}/pause": lambda c: c.evaluations.pause("e"),
    "POST /evaluations/{evaluation_id}/resume": lambda c: c.evaluations.resume("e"),
    "POST /evaluations/{evaluation_id}/cancel": lambda c: c.evaluations.cancel("e"),
    "POST /evaluations/{evaluation_id}/retry": lambda c: c.evaluations.retry("e"),
    "POST /evaluations/{evaluation_id}/rescore": lambda c: c.evaluations.rescore("e"),
    "GET /evaluations/{evaluation_id}/scorings": lambda c: c.evaluations.get_scorings("e"),
    "GET /evaluations/{evaluation_id}/scorings/{scoring_id}": lambda c: c.evaluations.get_scoring("e", "s"),
    "GET /evaluations/{evaluation_id}/scorings/{scoring_id}/changes": (
        lambda c: c.evaluations.get_scoring_changes(SCORING)
    ),
    "POST /evaluations/{evaluation_id}/scorings/{scoring_id}/cancel": (
        lambda c: c.evaluations.cancel_scoring(SCORING)
    ),
    "POST /evaluations/{evaluation_id}/scorings/{scoring_id}/apply": (
        lambda c: c.evaluations.apply_scoring(SCORING)
    ),
    "POST /evaluations/{evaluation_id}/scorings/original/apply": lambda c: c.evaluations.revert_scoring("e"),
    "DELETE /evaluations/{evaluation_id}": lambda c: c.evaluations.delete("e"),
    "GET /budgets": lambda c: c.budgets.get(),
    "GET /budgets/{owner_id}": lambda c: c.budgets.get_by_id("o"),
    "PATCH /budgets/{owner_id}": lambda c: c.budgets.set("o", usd=1),
    f"GET {IN_PROJECT}/cache": lambda c: c.cache.get(),
    f"DELETE {IN_PROJECT}/cache": lambda c: c.cache.clear(),
    "GET /results": lambda c: c.results.get_by_id(evaluation_id="e"),
    "GET /results/comparison": lambda c: c.public.comparisons.compare(
        evaluation_id_1="e", evaluation_id_2="f"
    ),
    "GET /results/{result_id}": lambda c: c.results.get_one("r"),
    "GET /results/{result_id}/neighbours": lambda c: c.results.get_neighbours("r"),
    "GET /results/{result_id}/others": lambda c: c.results.get_others("r"),
    "GET /comparisons": lambda c: c.evaluations.compare("e", "f"),
    "GET /comparisons/disagreements": lambda c: c.evaluations.get_disagreements("e", "f"),
    "GET /leaderboards": lambda c: c.leaderboards.get("b"),
    "GET /leaderboards/benchmarks": lambda c: c.leaderboards.get_benchmarks(),
    "GET /contamination/benchmarks": lambda c: c.benchmarks.get_overlaps(),
    "GET /models": lambda c: c.public.models.get(),
    "GET /datasets": lambda c: c.public.benchmarks.get(),
    "GET /datasets/{benchmark_id}/prompts": lambda c: c.public.benchmarks.get_prompts("b"),
    "GET /options": lambda c: c.platform.get_options(),
    f"GET {IN_PROJECT}/provider-keys": lambda c: c.platform.get_providers(),
    f"PUT {IN_PROJECT}/provider-keys/{{provider}}": lambda c: c.platform.set_provider_key("openai", "sk-1"),
    f"DELETE {IN_PROJECT}/provider-keys/{{provider}}": lambda c: c.platform.remove_provider_key("openai"),
    "GET /storage": lambda c: c.platform.get_storage(),
}
"""What the client's user calls, for each call of the API."""

WITHOUT = {
    f"GET {IN_PROJECT}/custom-benchmarks/imports/{{import_id}}": (
        "for the dashboard, which makes benchmarks in the background; `benchmarks.create_custom` waits"
    ),
    "GET /healthz": "for whoever keeps the server running, without an API key",
    "GET /metrics": "for Prometheus, in its own format",
}


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every call that the API documents, without the version in its path."""
    folder = tmp_path_factory.mktemp("api")
    settings = Settings(data_dir=folder)
    app = create_app(Database(f"sqlite:///{folder / 'a.db'}"), Vault("k" * 32), settings)
    paths = {path.removeprefix("/api/v1"): methods for path, methods in app.openapi()["paths"].items()}
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def test_every_call_of_the_api_has_a_method_of_the_client(operations: set[str]) -> None:
    assert USES.keys() | WITHOUT.keys() == operations
    assert not USES.keys() & WITHOUT.keys()


@pytest.mark.parametrize("operation", USES)
def test_the_method_makes_the_call(operation: str, server: Any, project: str, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"input": "a", "truth": "b"}\n')
    target = {"organization_id": "org-1", "project_id": "proj-1", "url": f"{server.base_url}/uploads/token"}
    server.on("POST", f"{project}/upload", {"status": "success", "data": target})
    server.on("PUT", "/uploads/token", {})
    client = Stratix(api_key="k", base_url=server.base_url, max_retries=0)
    client.file = file
    for path in ("models", "benchmarks"):
        server.on("GET", f"{project}/{path}", {"data": {"models": [], "datasets": []}})
    with client, suppress(StratixError):
        USES[operation](client)
    method, _, template = operation.partition(" ")
    pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
    made = [f"{seen.method} {seen.path}" for seen in server.requests]
    assert any(re.fullmatch(f"{method} {pattern}", call) for call in made), made
