"""The server itself, tries of models and installations in the background: what is sent, what comes of it."""

from __future__ import annotations

import pytest

from layerlens import ConflictError, NotFoundError
from layerlens.models import ModelTry, Options, ProviderStatus, StorageUse


async def test_what_can_be_chosen(run, server):
    metric = {"name": "readability", "description": "how", "judged": False, "problem": ""}
    options = {"metrics": [metric], "scorers": ["exact"], "formats": ["jsonl"], "concurrency": 64}
    server.on("GET", "/options", {"data": options})
    found = await run(lambda c: c.platform.get_options())
    assert isinstance(found, Options)
    assert found.model_dump() == options


PROVIDER = {
    "key": "openai", "name": "OpenAI", "variables": ["OPENAI_API_KEY"], "has_key": True, "source": "project",
    "masked_key": "sk-…1234", "created_at": 1.5, "changed_at": 2.5, "changed_by": "nightly", "models": 9,
    "docs": "https://example.org",
}  # fmt: skip


async def test_providers_and_their_keys(run, server, project):
    server.on("GET", f"{project}/provider-keys", {"data": {"providers": [PROVIDER]}})
    assert await run(lambda c: c.platform.get_providers()) == [ProviderStatus(**PROVIDER)]


async def test_a_key_of_a_provider_is_stored_and_removed(run, server, project, reply):
    path = f"{project}/provider-keys/openai"
    server.on("PUT", path, {"data": PROVIDER})
    server.on("DELETE", path, {"data": {**PROVIDER, "has_key": False, "source": "none"}})
    stored = await run(lambda c: c.platform.set_provider_key("openai", "sk-of-ours"))
    assert (stored.source, server.last("PUT", path).body) == ("project", {"api_key": "sk-of-ours"})
    assert not (await run(lambda c: c.platform.remove_provider_key("openai"))).has_key
    with pytest.raises(NotFoundError):
        await run(lambda c: c.platform.remove_provider_key("nobody"))
    with pytest.raises(ValueError, match=r"api_key: has a blank, a line break") as refused:
        await run(lambda c: c.platform.set_provider_key("openai", "sk-of ours"))
    assert "sk-of" not in str(refused.value)


async def test_what_is_kept(run, server):
    use = {"database": "sqlite", "database_bytes": 4096, "download_bytes": 0, "rows": {"results": 7}}
    server.on("GET", "/storage", {"data": use})
    assert await run(lambda c: c.platform.get_storage()) == StorageUse(**use)


def a_try(status, **fields):
    return {"data": {"id": "try-1", "model_id": "m-1", "status": status, "created_at": 1.5, **fields}}


async def test_a_model_is_tried_and_waited_for(run, server, project):
    call = {"name": "your prompt", "request": {"model": "m"}, "status": 200, "text": "Hello"}
    quirks = [{"severity": "problem", "message": "It reports no usage."}]
    report = {"endpoint": "http://host/v1", "calls": [call], "quirks": quirks}
    server.on("POST", f"{project}/models/m-1/tries", a_try("pending"))
    server.on("GET", f"{project}/models/m-1/tries/try-1", a_try("running"), a_try("done", report=report))
    seen = []
    done = await run(lambda c: c.models.try_out("m-1", prompt="Hi", on_progress=seen.append))
    assert server.last("POST", f"{project}/models/m-1/tries").body == {"prompt": "Hi"}
    assert [one.status for one in seen] == ["pending", "running", "done"]
    assert seen[-1] is done
    assert done.is_over
    assert (done.report.calls[0].text, done.report.quirks[0].severity) == ("Hello", "problem")


async def test_waiting_for_a_try_ends_in_time(run, server, project):
    server.on("POST", f"{project}/models/m-1/tries", a_try("pending"))
    server.on("GET", f"{project}/models/m-1/tries/try-1", a_try("running"))
    found = await run(lambda c: c.models.try_out("m-1", timeout_seconds=0.5))
    assert found.status == "running"
    assert not found.is_over
    assert server.last("POST", f"{project}/models/m-1/tries").body == {}


async def test_a_try_that_cannot_be(run, server, project, reply):
    with pytest.raises(NotFoundError):
        await run(lambda c: c.models.start_try("nobody"))
    busy = {"error": {"message": "It is being tried at this moment."}}
    server.on("POST", f"{project}/models/m-1/tries", reply(409, busy))
    with pytest.raises(ConflictError, match="at this moment"):
        await run(lambda c: c.models.try_out("m-1"))
    with pytest.raises(ValueError, match="prompt"):
        await run(lambda c: c.models.start_try("m-1", prompt=""))
    gone = ModelTry(id="try-9", model_id="m-1", status="done", created_at=0)
    assert await run(lambda c: c.models.get_try(gone)) is None


async def test_a_benchmark_is_installed_in_the_background(run, server, project, tmp_path):
    path = f"{project}/benchmarks/b-1/install"
    begun = {"benchmark_id": "b-1", "status": "running", "bytes_done": 0, "bytes_total": None, "error": ""}
    server.on("POST", path, {"status": "success", "data": begun})
    server.on("GET", path, {"data": {**begun, "bytes_done": 5, "bytes_total": 10}})
    assert (await run(lambda c: c.benchmarks.start_install("b-1"))).status == "running"
    assert server.last("POST", path).body == {"wait": False}
    found = await run(lambda c: c.benchmarks.get_install_progress("b-1"))
    assert (found.bytes_done, found.bytes_total) == (5, 10)
    assert await run(lambda c: c.benchmarks.get_install_progress("b-2")) is None
    target = {"organization_id": "org-1", "project_id": "proj-1", "url": f"{server.base_url}/uploads/token"}
    server.on("POST", f"{project}/upload", {"status": "success", "data": target})
    server.on("PUT", "/uploads/token", {})
    (tmp_path / "q.jsonl").write_text("{}")
    await run(lambda c: c.benchmarks.start_install("b-1", [tmp_path / "q.jsonl"]))
    assert len(server.last("POST", path).body["files"]) == 1
    with pytest.raises(ValueError, match=r"none\.jsonl"):
        await run(lambda c: c.benchmarks.start_install("b-1", [tmp_path / "none.jsonl"]))


async def test_what_is_beside_a_result(run, server):
    beside = {"previous": "r-1", "next": None, "total_count": 3, "first": 1}
    server.on("GET", "/results/r-2/neighbours", beside)
    found = await run(
        lambda c: c.results.get_neighbours("r-2", outcome=["failed", "empty"], cached=False, sort_by="score")
    )
    assert found.model_dump() == beside
    query = {"outcome": "failed,empty", "cached": "false", "sort_by": "score"}
    assert server.last("GET", "/results/r-2/neighbours").query == query
    assert await run(lambda c: c.results.get_neighbours("r-9")) is None


async def test_how_far_a_search_is_prepared(run, server):
    server.on("GET", "/evaluations/e-1/search", {"state": "making", "done": 3, "total": 9})
    found = await run(lambda c: c.results.prepare_search("e-1", "train"))
    assert (found.state, found.done, found.total) == ("making", 3, 9)
    assert server.last("GET", "/evaluations/e-1/search").query == {"search": "train"}
    assert await run(lambda c: c.results.prepare_search("e-2", "train")) is None


async def test_a_benchmark_is_verified_in_the_background(run, server, project):
    path = f"{project}/benchmarks/b-1/verify"
    begun = {"benchmark_id": "b-1", "status": "running", "prompts_total": 9}
    server.on("POST", path, {"status": "success", "data": begun})
    server.on("GET", path, {"data": {**begun, "prompts_done": 4}})
    assert (await run(lambda c: c.benchmarks.start_verify("b-1"))).status == "running"
    assert server.last("POST", path).body == {"wait": False}
    assert (await run(lambda c: c.benchmarks.get_verify_progress("b-1"))).prompts_done == 4
    assert await run(lambda c: c.benchmarks.get_verify_progress("b-2")) is None
