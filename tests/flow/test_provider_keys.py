"""Whatever asks a public model sends the key that the project has stored, and nothing shows it."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterator

import pytest
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider
from tests.support.workers import Worker, wait_until

from layerlens import UnprocessableEntityError
from stratix.benchmarks.base import Prompt, Task
from stratix.benchmarks.store import row_of
from stratix.catalogue import public_model_by_key
from stratix.evaluations import start
from stratix.runner import Runner
from stratix.settings import Settings
from stratix.storage import benchmarks, evaluations, holds, provider_keys, tenants
from stratix.storage.database import Database
from stratix.storage.vault import Vault

STORED, SECOND = "sk-stored-for-the-project-a1b2", "sk-another-for-the-project-c3d4"


def script(asked: str, _times: int) -> Reply:
    if "<passage" in asked:
        return Reply(json.dumps({"prompts": [{"question": "How high is it?", "answer": "12 m"}]}))
    if "rude" in asked:  # Some endpoints repeat what they were sent.
        return Reply(f"Incorrect API key provided: {STORED}", status=400)
    return Reply("Grade: 4" if re.search(r"<\w+>", asked) else "ok")


@pytest.fixture
def provider() -> Iterator[ScriptedProvider]:
    with ScriptedProvider(script) as provider:
        yield provider


@pytest.fixture
def platform(tmp_path, provider, platform_database) -> Iterator[Platform]:
    """A platform whose environment has no key; on PostgreSQL its worker is a process with another one."""
    variables = {"OPENAI_API_KEY": "", "STRATIX_GENERATOR_MODEL": "gpt-4o", "STRATIX_ANALYST_MODEL": "gpt-4o"}
    if platform_database:
        variables |= {"STRATIX_WORKERS": "0", "STRATIX_SECRET_KEY": "the same on all machines, and long"}
    with Platform(tmp_path, provider.base_url, platform_database, **variables) as platform:
        worker = Worker(platform, "sk-of-the-workers-environment") if platform_database else None
        yield platform
        if worker is not None:
            worker.close()


def test_all_that_asks_a_model_sends_the_stored_key(platform, client, provider, tmp_path):
    model, judge = client.models.get_by_key("gpt-4o"), client.models.get_by_key("gpt-4o-mini")
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({"input": text, "truth": "ok"}) + "\n" for text in ("a", "be rude")))
    made = client.benchmarks.create_custom(name="Rows", description="", file_path=rows)
    benchmark = client.benchmarks.get_by_id(made.benchmark_id)
    assert not model.available
    with pytest.raises(UnprocessableEntityError, match="stratix providers set-key openai"):
        client.evaluations.create(model, benchmark)

    assert client.platform.set_provider_key("openai", STORED).masked_key == "sk-…a1b2"
    assert client.models.get_by_key("gpt-4o").available
    evaluation = client.evaluations.create(model, benchmark, metrics=["hallucination"], judge=judge)
    evaluation = client.evaluations.wait_for_completion(evaluation, timeout_seconds=60)
    assert evaluation.is_success
    assert client.models.try_out(model).status == "done"
    document = tmp_path / "document.txt"
    document.write_text("The lighthouse on the northern cape is 12 m high, as the keeper wrote in his book.")
    smart = client.benchmarks.create_smart(name="Smart", system_prompt="Ask.", file_paths=[document])
    wait_until(lambda: client.benchmarks.get_by_id(smart.benchmark_id).status == "ready", 60)
    asked = " ".join(json.dumps(body) for body in provider.requests)
    assert all(part in asked for part in ("gpt-4o-mini", "<passage", "banana"))
    assert {headers.get("Authorization") for headers in provider.headers} == {f"Bearer {STORED}"}

    found = client.results.get_all(evaluation=evaluation)
    assert "Incorrect API key provided: ***" in next(row.error for row in found if row.outcome == "failed")
    shown = "".join(client.results.get_one(row.result_id).model_dump_json() for row in found)
    shown += client.evaluations.get_by_id(evaluation.id).model_dump_json()
    logs = "".join(path.read_text(errors="replace") for path in platform.folder.glob("*.log"))
    assert STORED not in shown + logs

    assert not client.platform.remove_provider_key("openai").has_key
    with pytest.raises(UnprocessableEntityError, match="OPENAI_API_KEY"):
        client.evaluations.create(model, benchmark)


async def test_a_slice_that_begins_after_a_change_sends_the_new_key(
    database: Database, tmp_path, provider, monkeypatch
):
    monkeypatch.setitem(os.environ, "OPENAI_BASE_URL", provider.base_url)
    vault, model = Vault("a secret of many letters and more"), public_model_by_key("gpt-4o")
    assert model is not None

    async def store(api_key: str) -> None:
        async with database.write() as connection:
            values = {"secret_encrypted": vault.encrypt(api_key), "masked": "", "api_key_id": None}
            await provider_keys.put(connection, database, project_id, "openai", **values)

    async with database.write() as connection:
        organization_id = await tenants.create_organization(connection, "Ours", ["Project"])
        key = await tenants.add_api_key(connection, organization_id, "sk-stratix-of-a-test-0", "test")
        caller = await tenants.find_caller(connection, tenants.hash_api_key(key))
        assert caller is not None
        project_id = caller.project_ids[0]
        version = await benchmarks.add_version(
            connection,
            database,
            benchmark_id="b",
            version="1",
            task=Task().model_dump(mode="json"),
            rows=[row_of(Prompt(id="p", input="a", truth="ok"))],
            source="",
        )
        row = await evaluations.create(
            connection,
            organization_id=organization_id,
            project_id=project_id,
            **{"model_id": model.id, "model_key": "gpt-4o", "model_name": "m", "model_company": "OpenAI"},
            **{f"benchmark_{name}": "b" for name in ("id", "key", "name")},
            is_custom_model=False,
            is_custom_benchmark=True,
        )
        assert await start(connection, row, version_id=version.id, total=1, settings={}, seconds=600)
    runner = Runner(database, vault, Settings(data_dir=tmp_path), "worker", asyncio.Event().wait)
    jobs = runner._jobs
    await store(STORED)

    async def held() -> bool:
        async with database.read() as connection:
            return bool((await connection.execute(holds.table.select())).all())

    first_slice, second_slice = (jobs.use(row.id, row.generation) for _ in range(2))
    first = await first_slice.__aenter__()
    async with jobs.use(row.id, row.generation) as same:
        assert same is first
    await store(SECOND)
    second = await second_slice.__aenter__()
    assert second is not first
    assert first is not None
    assert second is not None
    assert second.model.limiter is not first.model.limiter  # Limits are those of an endpoint and a key.
    async with jobs.use(row.id, row.generation) as newest:
        assert newest is second
    await second_slice.__aexit__(None, None, None)
    await asyncio.sleep(0.05)
    assert await held()  # Answers of the first slice may be on their way.
    await first_slice.__aexit__(None, None, None)
    async with asyncio.timeout(60):
        while await held():
            await asyncio.sleep(0.01)
    await runner.close()
