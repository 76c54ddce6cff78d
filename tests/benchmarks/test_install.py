"""A benchmark is prepared: its version follows from its content, and its findings tell where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.benchmarks.file_server import FileServer

from stratix.benchmarks.base import Prompt, ScorerSpec, Task
from stratix.benchmarks.install import CannotInstall, prepare, version_of
from stratix.catalogue import BenchmarkEntry, SourceFile, UrlSource, public_benchmark_by_key

ROWS = b'{"question": "1+1?", "answer": "so\\n#### 2"}\n{"question": "2+2?", "answer": "#### 4"}\n'


def gsm8k(**changes: object) -> BenchmarkEntry:
    entry = public_benchmark_by_key("gsm8k")
    assert entry is not None
    return entry.model_copy(update=changes)


def published_at(address: str, *names: str) -> UrlSource:
    return UrlSource(kind="url", address=address, files=tuple(SourceFile(name=name) for name in names))


def test_a_benchmark_is_fetched_read_and_given_a_version(server: FileServer, tmp_path: Path) -> None:
    server.files["/rows.jsonl"] = ROWS
    entry = gsm8k(sources=(published_at(server.address, "rows.jsonl"),), prompt_count=2)
    prepared = prepare(entry, None, tmp_path)
    wanted = [
        Prompt("1", "1+1?", "2", metadata={"solution": "so\n#### 2"}),
        Prompt("2", "2+2?", "4", metadata={"solution": "#### 4"}),
    ]
    assert list(prepared.prompts) == wanted
    assert list(prepared.prompts) == wanted  # as often as one likes
    assert (prepared.prompt_count, prepared.task) == (2, entry.task)
    assert prepared.version == version_of(entry.task, wanted)
    [finding] = prepared.findings
    assert finding.startswith(f"rows.jsonl: {server.address}rows.jsonl, SHA-256 ")
    assert finding.endswith("not verified against a published hash")


def test_first_steps_needs_no_network(tmp_path: Path) -> None:
    entry = public_benchmark_by_key("first-steps")
    assert entry is not None
    prepared = prepare(entry, None, tmp_path)
    assert prepared.prompt_count == entry.prompt_count
    assert list(dict.fromkeys(prompt.subset for prompt in prepared.prompts)) == list(entry.subsets)
    assert len({prompt.input for prompt in prepared.prompts}) == prepared.prompt_count
    assert len(prepared.findings) == 1
    assert "ships with the platform" in prepared.findings[0]
    assert list(tmp_path.iterdir()) == []


def test_an_incomplete_import_says_what_is_missing(data: Path, tmp_path: Path) -> None:
    entry = public_benchmark_by_key("bbh")
    assert entry is not None
    prepared = prepare(entry, data / "bbh/navigate.json", tmp_path)
    assert prepared.prompt_count == 250
    assert "verified" in prepared.findings[0]
    assert "incomplete: 26 of 27 files were not there (boolean_expressions.json, " in prepared.findings[1]
    assert prepared.findings[2] == "has 250 prompts; the complete benchmark has 6511"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (b"", "hold no prompts"),
        (ROWS + b"{}\n", "row 3: there is no `answer`; the row has no field"),
        (ROWS + b"oops\n", "line 3: not JSON"),
        (b'{"question": "1+1?", "answer": "2"}\n', "row 1: `answer` has no '#### '"),
    ],
)
def test_files_that_cannot_be_read_are_refused(
    rows: bytes, reason: str, server: FileServer, tmp_path: Path
) -> None:
    server.files["/rows.jsonl"] = rows
    with pytest.raises(CannotInstall, match=f"(?s)GSM8K cannot be read.*{reason}"):
        prepare(gsm8k(sources=(published_at(server.address, "rows.jsonl"),)), None, tmp_path)


def test_ids_must_be_unique(server: FileServer, tmp_path: Path) -> None:
    server.files["/a.jsonl"] = server.files["/b.jsonl"] = ROWS
    with pytest.raises(CannotInstall, match="the id 1 occurs twice"):
        prepare(gsm8k(sources=(published_at(server.address, "a.jsonl", "b.jsonl"),)), None, tmp_path)


def test_the_version_follows_from_content_and_task() -> None:
    prompt = Prompt("1", "q", "t", metadata={"b": 1, "a": 2})
    version = version_of(Task(), [prompt])
    assert version == version_of(Task(), [Prompt("1", "q", "t", metadata={"a": 2, "b": 1})])
    others = [
        version_of(Task(system="s"), [prompt]),
        version_of(Task(scorer=ScorerSpec(name="includes")), [prompt]),
        version_of(Task(), [prompt, prompt]),
        version_of(Task(), []),
        version_of(Task(), [Prompt("2", "q", "t", metadata={"a": 2, "b": 1})]),
        version_of(Task(), [Prompt("1", "q", "t", "s", metadata={"a": 2, "b": 1})]),
        version_of(Task(), [Prompt("1", "q", "t", aliases=("x",), metadata={"a": 2, "b": 1})]),
        version_of(Task(), [Prompt("1", "q", "t", choices=("x",), metadata={"a": 2, "b": 1})]),
        version_of(Task(), [Prompt("1", "q", "t")]),
    ]
    assert len({version, *others}) == len(others) + 1


def test_the_wheel_of_gsm8k_gives_the_same_version_as_the_published_file(tmp_path: Path, data: Path) -> None:
    """The requests of another evaluation carry the same questions: only their wrapping differs."""
    entry = gsm8k()
    [wheel] = [source for source in entry.sources if source.kind == "wheel"]
    assert wheel.reader is not None
    rows = (data / "gsm8k/test.jsonl").read_bytes().splitlines()
    wrapped = tmp_path / "requests.jsonl"
    wrapped.write_bytes(b"".join(b'{"doc": %s, "idx": 0}\n' % row for row in rows))
    source = published_at("https://nowhere.invalid/", "requests.jsonl").model_copy(
        update={"reader": wheel.reader}
    )
    other = prepare(entry.model_copy(update={"sources": (source,)}), wrapped, tmp_path)
    assert other.version == prepare(entry, data / "gsm8k", tmp_path).version
