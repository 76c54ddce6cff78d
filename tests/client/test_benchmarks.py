"""The project's benchmarks: what is sent, what is uploaded, and what is made of the answer."""

from __future__ import annotations

import json

import pytest

from layerlens import APIStatusError, ConflictError, NotFoundError
from layerlens.models import CustomBenchmark, CustomModel, PublicBenchmark

PUBLIC_BENCHMARK = {"id": "b-1", "key": "simpleqa", "name": "SimpleQA", "full_description": "Short facts"}
CUSTOM_BENCHMARK = {
    "id": "b-2",
    "key": "own",
    "name": "Own",
    "organization_id": "org-1",
    "description": "Ours",
    "system_prompt": None,
    "files": ["f"],
}


def listed(seen):
    kinds = {"public": [PUBLIC_BENCHMARK], "custom": [CUSTOM_BENCHMARK]}
    return {"data": {"datasets": kinds[seen.query["type"]]}}


async def test_benchmarks_are_listed_with_filters(run, server, project):
    server.on("GET", f"{project}/benchmarks", {"data": {"datasets": [PUBLIC_BENCHMARK]}})
    found = await run(
        lambda c: c.benchmarks.get(
            type="public", name="simpleQA", key="s", categories=["facts"], languages=["en", "de"]
        )
    )
    assert isinstance(found[0], PublicBenchmark)
    assert found[0].description == "Short facts"
    assert server.last("GET", f"{project}/benchmarks").query == {
        "type": "public",
        "name": "simpleQA",
        "key": "s",
        "categories": "facts",
        "languages": "en,de",
    }


async def test_benchmark_by_id_and_by_key(run, server, project):
    server.on("GET", f"{project}/benchmarks/b-2", {"data": CUSTOM_BENCHMARK})
    server.on("GET", f"{project}/benchmarks", listed)
    assert isinstance(await run(lambda c: c.benchmarks.get_by_id("b-2")), CustomBenchmark)
    assert await run(lambda c: c.benchmarks.get_by_id("unknown")) is None
    assert (await run(lambda c: c.benchmarks.get_by_key("simpleqa"))).id == "b-1"
    assert await run(lambda c: c.benchmarks.get_by_key("simple")) is None


async def test_benchmarks_are_added_and_removed(run, server, project):
    server.on("GET", f"{project}/benchmarks", listed)
    server.on("PATCH", project, {"id": "proj-1"})
    assert await run(lambda c: c.benchmarks.add("b-9")) is True
    assert server.last("PATCH", project).body == {"datasets": ["b-2", "b-1", "b-9"]}
    assert await run(lambda c: c.benchmarks.remove("b-1")) is True
    assert server.last("PATCH", project).body == {"datasets": ["b-2"]}


async def test_a_page_of_prompts(run, server, project):
    rows = [
        {"id": "1", "input": "text", "truth": "a"},
        {"id": "2", "input": [{"role": "user", "content": "x"}], "truth": "b"},
        {"id": "3", "input": {"q": 1}, "truth": "c"},
    ]
    server.on("GET", f"{project}/benchmarks/b-1/prompts", {"data": {"prompts": rows, "count": 7}})
    found = await run(
        lambda c: c.benchmarks.get_prompts(
            "b-1",
            page=2,
            page_size=3,
            search="truth",
            search_value="x",
            sort_by="input",
            sort_order="desc",
        )
    )
    assert [prompt.input for prompt in found.prompts] == [row["input"] for row in rows]
    assert found.pagination.model_dump() == {
        "page": 2,
        "page_size": 3,
        "total_pages": 3,
        "total_count": 7,
    }
    assert server.last("GET", f"{project}/benchmarks/b-1/prompts").query == {
        "page": "2",
        "page_size": "3",
        "search": "truth",
        "search_value": "x",
        "sort_by": "input",
        "sort_order": "desc",
    }
    assert await run(lambda c: c.benchmarks.get_prompts("unknown")) is None


async def test_all_prompts_come_in_order(run, server, project):
    rows = [{"id": str(number), "input": "i", "truth": "t"} for number in range(1101)]

    def page(seen):
        start = (int(seen.query["page"]) - 1) * 500
        return {"status": "success", "data": {"prompts": rows[start : start + 500], "count": len(rows)}}

    server.on("GET", f"{project}/benchmarks/b-1/prompts", page)
    found = await run(lambda c: c.benchmarks.get_all_prompts("b-1"))
    assert [prompt.id for prompt in found] == [row["id"] for row in rows]
    with pytest.raises(NotFoundError):
        await run(lambda c: c.benchmarks.get_all_prompts("unknown"))


def accept_uploads(server, project, url):
    ids = {"organization_id": "org-1", "project_id": "proj-1"}
    server.on("POST", f"{project}/upload", {"status": "success", "data": {**ids, "url": url}})
    for kind in ("custom", "smart"):
        created = {"status": "success", "data": {**ids, "benchmark_id": "b-7"}}
        server.on("POST", f"{project}/{kind}-benchmarks", created)


@pytest.mark.parametrize("relative", [True, False])
async def test_custom_benchmark_is_created_of_an_uploaded_file(run, server, project, tmp_path, relative):
    accept_uploads(
        server, project, "/api/v1/files/signed?s=1" if relative else f"{server.url}/files/signed?s=1"
    )
    server.on("PUT", "/files/signed", {})
    file = tmp_path / "rows.jsonl"
    # Larger than a chunk, so that the file is sent in several.
    file.write_text(json.dumps({"input": "i" * 3_000_000, "truth": "t"}) + "\n")
    created = await run(
        lambda c: c.benchmarks.create_custom(
            name="Own",
            description="Ours",
            file_path=file,
            additional_metrics=["readability"],
            custom_scorers=["exact"],
            input_type="messages",
        )
    )
    assert created.benchmark_id == "b-7"
    asked = server.last("POST", f"{project}/upload").body
    assert asked == {
        "key": asked["key"],
        "filename": "rows.jsonl",
        "type": "application/jsonl",
        "size": file.stat().st_size,
    }
    put = server.last("PUT", "/files/signed")
    assert put.raw == file.read_bytes()
    assert put.query == {"s": "1"}
    assert put.headers["content-type"] == "application/jsonl"
    assert put.headers["content-length"] == str(file.stat().st_size)
    assert "x-api-key" not in put.headers
    assert "authorization" not in put.headers
    assert server.last("POST", f"{project}/custom-benchmarks").body == {
        "name": "Own",
        "description": "Ours",
        "file": asked["key"],
        "additional_metrics": ["readability"],
        "custom_scorers": ["exact"],
        "input_type": "messages",
    }


async def test_upload_is_sent_whole_again_after_a_dropped_connection(run, server, project, tmp_path, drop):
    accept_uploads(server, project, "/api/v1/files/signed")
    server.on("PUT", "/files/signed", drop, {})
    file = tmp_path / "rows.jsonl"
    file.write_text('{"input": "i", "truth": "t"}\n')
    await run(lambda c: c.benchmarks.create_custom(name="Own", file_path=file))
    assert [put.raw for put in server.asked("PUT", "/files/signed")] == [file.read_bytes()] * 2


async def test_an_upload_whose_answer_was_lost_has_arrived(run, server, project, tmp_path, drop, reply):
    accept_uploads(server, project, "/api/v1/files/signed")
    used = reply(409, {"error": {"message": "This address has been used."}})
    server.on("PUT", "/files/signed", drop, used)
    file = tmp_path / "rows.jsonl"
    file.write_text('{"input": "i", "truth": "t"}\n')
    assert await run(lambda c: c.benchmarks.create_custom(name="Own", file_path=file))
    with pytest.raises(ConflictError, match="has been used"):
        await run(lambda c: c.benchmarks.create_custom(name="Own", file_path=file))


async def test_refused_upload_creates_nothing(run, server, project, tmp_path, reply):
    accept_uploads(server, project, "/api/v1/files/signed")
    server.on("PUT", "/files/signed", reply(413, {"error": {"message": "Too large."}}))
    file = tmp_path / "rows.jsonl"
    file.write_text('{"input": "i", "truth": "t"}\n')
    with pytest.raises(APIStatusError, match="Too large") as caught:
        await run(lambda c: c.benchmarks.create_custom(name="Own", file_path=file))
    assert caught.value.status_code == 413
    assert server.asked("POST", f"{project}/custom-benchmarks") == []


async def test_unfit_files_and_names_are_refused_before_anything_is_sent(run, server, tmp_path):
    good, other, empty, large = (
        tmp_path / name for name in ("good.jsonl", "rows.txt", "empty.jsonl", "large.jsonl")
    )
    good.write_text("{}\n")
    other.write_text("a,b\n")
    empty.touch()
    with large.open("wb") as file:
        file.truncate(50 * 1024 * 1024 + 1)
    for given, words in [
        ({"file_path": other}, "does not end in .jsonl"),
        ({"file_path": empty}, "is empty"),
        ({"file_path": large}, "at most 52,428,800 are allowed"),
        ({"file_path": tmp_path / "missing.jsonl"}, "is no file"),
        ({"file_path": good, "name": "n" * 65}, "name: must have at most 64"),
        ({"file_path": good, "description": "d" * 281}, "description: must have at most 280"),
        ({"file_path": good, "additional_metrics": ["beauty"]}, "additional_metrics"),
    ]:
        with pytest.raises(ValueError, match=words):
            await run(lambda c, given=given: c.benchmarks.create_custom(**{"name": "Own", **given}))
    assert server.requests == []


async def test_smart_benchmark_is_created_of_documents(run, server, project, tmp_path):
    accept_uploads(server, project, "/api/v1/files/signed")
    server.on("PUT", "/files/signed", {})
    files = [tmp_path / "a.txt", tmp_path / "b.pdf"]
    for file in files:
        file.write_text(file.name)
    made = {"name": "Smart", "system_prompt": "Ask hard questions"}
    await run(lambda c: c.benchmarks.create_smart(**made, file_paths=files, metrics=["readability"]))
    keys = [seen.body["key"] for seen in server.asked("POST", f"{project}/upload")]
    assert server.last("POST", f"{project}/smart-benchmarks").body == {
        **made,
        "description": "",
        "files": keys,
        "metrics": ["readability"],
    }
    assert [put.raw for put in server.asked("PUT", "/files/signed")] == [b"a.txt", b"b.pdf"]
    (tmp_path / "c.exe").write_text("c")
    with pytest.raises(ValueError, match="convert it first"):
        await run(lambda c: c.benchmarks.create_smart(**made, file_paths=[tmp_path / "c.exe"]))
    with pytest.raises(ValueError, match="files: "):
        await run(lambda c: c.benchmarks.create_smart(**made, file_paths=[]))


async def test_smart_benchmark_names_its_model_and_its_bounds(run, server, project, tmp_path):
    accept_uploads(server, project, "/api/v1/files/signed")
    server.on("PUT", "/files/signed", {})
    (tmp_path / "a.txt").write_text("a")
    options = {"prompts_per_passage": 2, "max_passages": 50, "cache": False}
    made = {"name": "Smart", "system_prompt": "Ask", "file_paths": [tmp_path / "a.txt"], **options}
    model = CustomModel(id="model-1", key="m", name="M", description="", organization_id="org-1")
    await run(lambda c: c.benchmarks.create_smart(**made, model=model))
    body = server.last("POST", f"{project}/smart-benchmarks").body
    assert {name: body[name] for name in ("model_id", *options)} == {"model_id": "model-1", **options}
    with pytest.raises(TypeError, match="model must be a Model, not 'm'"):
        await run(lambda c: c.benchmarks.create_smart(**made, model="m"))


async def test_waiting_for_a_smart_benchmark_ends_when_it_is_ready_or_has_failed(run, server, project):
    generation = {"model_id": "m", "model_key": "m", "instructions": "", "prompts_per_passage": 3}
    benchmark = {"id": "b-1", "key": "b", "name": "B", "organization_id": "org-1"}
    under_way = {**benchmark, "status": "generating", "generation": {**generation, "created_at": 1.0}}
    answers = [under_way, under_way, {**under_way, "status": "failed", "status_description": "No."}]
    server.on("GET", f"{project}/benchmarks/b-1", *[{"data": one} for one in answers])
    seen = []
    found = await run(
        lambda c: c.benchmarks.wait_for_completion("b-1", interval_seconds=0.01, on_progress=seen.append)
    )
    assert (found.status, found.is_ready, found.is_finished) == ("failed", False, True)
    assert [one.status for one in seen] == ["generating", "generating", "failed"]
    assert server.asked("GET", f"{project}/benchmarks/b-1")[0].query == {"wait": "0.010"}


async def test_waiting_for_a_smart_benchmark_ends_with_the_time(run, server, project):
    benchmark = {"id": "b-1", "key": "b", "name": "B", "organization_id": "org-1", "status": "paused"}
    server.on("GET", f"{project}/benchmarks/b-1", {"data": benchmark})
    found = await run(lambda c: c.benchmarks.wait_for_completion("b-1", timeout_seconds=0))
    assert (found.status, found.is_finished) == ("paused", False)
    assert await run(lambda c: c.benchmarks.wait_for_completion("b-2")) is None
    public = {"id": "b-3", "key": "gsm8k", "name": "GSM8K"}
    server.on("GET", f"{project}/benchmarks/b-3", {"data": public})
    with pytest.raises(TypeError, match="gsm8k is a public benchmark"):
        await run(lambda c: c.benchmarks.wait_for_completion("b-3"))


@pytest.mark.parametrize("what", ["cancel", "resume"])
async def test_a_generation_is_cancelled_and_resumed(run, server, project, what):
    benchmark = {"id": "b-1", "key": "b", "name": "B", "organization_id": "org-1", "status": "failed"}
    server.on("POST", f"{project}/smart-benchmarks/b-1/{what}", {"data": benchmark})
    found = await run(lambda c: getattr(c.benchmarks, f"{what}_generation")("b-1"))
    assert found.status == "failed"
    assert await run(lambda c: getattr(c.benchmarks, f"{what}_generation")("b-2")) is None


async def test_benchmark_is_installed_from_its_sources_or_from_files(run, server, project, tmp_path):
    accept_uploads(server, project, "/api/v1/files/signed")
    server.on("PUT", "/files/signed", {})
    installed = {"benchmark_id": "b-1", "version": "1", "prompt_count": 12}
    path = f"{project}/benchmarks/b-1/install"
    server.on("POST", path, {"status": "success", "data": installed})
    assert (await run(lambda c: c.benchmarks.install("b-1"))).prompt_count == 12
    assert server.last("POST", path).body == {}
    file = tmp_path / "rows.csv"
    file.write_text("a")
    await run(lambda c: c.benchmarks.install(PublicBenchmark(**PUBLIC_BENCHMARK), files=[file]))
    assert server.last("POST", path).body == {"files": [server.last("POST", f"{project}/upload").body["key"]]}


async def test_benchmark_is_verified(run, server, project):
    finding = {"check": "leaks", "status": "problem", "count": 1, "message": "m", "examples": ["7: why"]}
    found = {
        "benchmark_id": "b-1",
        "version": "1",
        "prompt_count": 12,
        "passed": False,
        "findings": [finding],
    }
    server.on("POST", f"{project}/benchmarks/b-1/verify", {"status": "success", "data": found})
    report = await run(lambda c: c.benchmarks.verify(PublicBenchmark(**PUBLIC_BENCHMARK)))
    assert (report.passed, report.truth_accuracy, report.findings[0].examples) == (False, None, ["7: why"])
    with pytest.raises(NotFoundError):
        await run(lambda c: c.benchmarks.verify("none"))
