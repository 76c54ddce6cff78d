"""Files come from the Hugging Face Hub and from generators, and worked examples from files of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.benchmarks.file_server import FileServer

from stratix.benchmarks import download
from stratix.benchmarks.fetch import CannotInstall, fetch
from stratix.benchmarks.install import prepare
from stratix.benchmarks.template import render
from stratix.catalogue import (
    BenchmarkEntry,
    FewShot,
    FieldMap,
    GeneratorSource,
    HuggingFaceSource,
    ReaderSpec,
    SourceFile,
    Task,
    public_benchmark_by_key,
)


@pytest.fixture(autouse=True)
def _hub(monkeypatch: pytest.MonkeyPatch, server: FileServer) -> None:
    monkeypatch.setattr(download, "_PAUSE", 0.0)
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    monkeypatch.delenv("HF_TOKEN", raising=False)


def entry_of(source: Any, **changed: Any) -> BenchmarkEntry:
    template = public_benchmark_by_key("gsm8k")
    assert template is not None
    given = {"key": "tiny", "name": "Tiny", "sources": (source,), "task": Task(), **changed}
    return template.model_copy(update=given)


def on_hub(*paths: str, revision: str = "refs/convert/parquet", **changed: Any) -> HuggingFaceSource:
    files = tuple(SourceFile(name=path.replace("/", "-"), path=path) for path in paths)
    return HuggingFaceSource(
        kind="huggingface", dataset="owner/set", revision=revision, files=files, **changed
    )


def test_a_file_of_the_hub(server: FileServer, tmp_path: Path) -> None:
    server.files["/datasets/owner/set/resolve/refs%2Fconvert%2Fparquet/main/test/0000.parquet"] = b"rows"
    [file] = fetch(entry_of(on_hub("main/test/0000.parquet")), tmp_path).files
    assert file.path == tmp_path / "tiny/huggingface/main-test-0000.parquet"
    assert (file.path.read_bytes(), file.verified) == (b"rows", False)


def test_the_token_is_sent(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert download.hub_headers() == {"Authorization": "Bearer hf_secret"}
    server.files["/datasets/owner/set/resolve/main/a.jsonl"] = b"rows"
    fetch(entry_of(on_hub("a.jsonl", revision="main")), tmp_path)
    assert server.authorizations == ["Bearer hf_secret"]


@pytest.mark.parametrize("gated", [True, False])
def test_a_gated_dataset_says_what_to_do(gated: bool, server: FileServer, tmp_path: Path) -> None:
    server.statuses = [401]
    with pytest.raises(CannotInstall, match="the server answers 401") as caught:
        fetch(entry_of(on_hub("a.csv", revision="main", gated=gated)), tmp_path)
    assert ("accept the terms of owner/set on the Hub and set HF_TOKEN" in str(caught.value)) is gated


def rows(*truths: str) -> bytes:
    return "\n".join(json.dumps({"input": f"q{t}", "truth": t}) for t in truths).encode()


def test_worked_examples_come_before_questions(server: FileServer, tmp_path: Path) -> None:
    base = "/datasets/owner/set/resolve/main/"
    server.files |= {f"{base}{name}.jsonl": rows("1") for name in ("law", "art")}
    server.files |= {f"{base}law.dev.jsonl": rows("7", "8", "9"), f"{base}art.dev.jsonl": rows("5")}
    source = on_hub("law.jsonl", "art.jsonl", revision="main").model_copy(
        update={"examples": (SourceFile(name="law.dev.jsonl"), SourceFile(name="art.dev.jsonl"))}
    )
    reader = ReaderSpec(name="jsonl", fields=FieldMap(subset_from_file=True))
    entry = entry_of(source, reader=reader, task=Task(shots=2, template="Say: {input}"), prompt_count=2)
    entry = entry.model_copy(update={"few_shot": FewShot(standard=(2,), most=2, origin="their dev files")})
    prepared = prepare(entry, None, tmp_path)
    assert [prompt.id for prompt in prepared.prompts] == ["law/1", "art/1"]
    law, art = prepared.prompts
    assert [(m["role"], m["content"]) for m in render(prepared.task, law)] == [
        ("user", "Say: q7"),
        ("assistant", "Answer: 7"),
        ("user", "Say: q8"),
        ("assistant", "Answer: 8"),
        ("user", "Say: q1"),
    ]
    assert len(render(prepared.task, art)) == 3
    server.files[f"{base}art.dev.jsonl"] = rows("6")
    assert prepare(entry, None, tmp_path / "other").version != prepared.version


def generated(**changed: Any) -> GeneratorSource:
    given = {
        "kind": "generator",
        "generator": "reasoning_gym",
        "package": "reasoning-gym",
        "version": "0.1.25",
        "extra": "reasoning",
        "files": [{"name": "made.jsonl"}],
        "options": {"tasks": ["chain_sum", "spell_backward"], "size": 3, "seed": 42},
    }
    return GeneratorSource.model_validate(given | changed)


def test_a_library_makes_the_same_prompts_each_time(tmp_path: Path) -> None:
    pytest.importorskip("reasoning_gym", reason="the extra `reasoning` is not installed")
    [first], [second] = (fetch(entry_of(generated()), tmp_path / name).files for name in ("a", "b"))
    assert first.sha256 == second.sha256
    found = [json.loads(line) for line in first.path.read_bytes().splitlines()]
    assert [row["id"] for row in found][2:4] == ["chain_sum/3", "spell_backward/1"]
    other = generated(options={"tasks": ["chain_sum"], "size": 3, "seed": 43})
    [third] = fetch(entry_of(other), tmp_path / "c").files
    assert third.path.read_bytes().splitlines()[0] != first.path.read_bytes().splitlines()[0]


def test_another_version_of_the_library_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("reasoning_gym", reason="the extra `reasoning` is not installed")
    with pytest.raises(CannotInstall, match=r"version 0\.1\.25 is installed and makes other prompts"):
        fetch(entry_of(generated(version="0.1.1")), tmp_path)


def test_a_missing_library_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotInstall, match=r"pip install 'open-stratix\[reasoning\]'"):
        fetch(entry_of(generated(package="no-such-library")), tmp_path)
