"""Every entry of the catalogue is complete: a new file is tested from its first day."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path

import pytest

from stratix import catalogue, metrics, scorers
from stratix.benchmarks import generators, readers
from stratix.benchmarks.base import Prompt
from stratix.benchmarks.install import prepare
from stratix.benchmarks.template import placeholders, render
from stratix.catalogue import (
    BenchmarkEntry,
    FieldMap,
    GeneratorSource,
    HuggingFaceSource,
    PackageSource,
    ReaderSpec,
    UrlSource,
    WheelSource,
    public_benchmark,
    public_benchmark_by_key,
    public_benchmarks,
    stable_id,
)
from stratix.catalogue._benchmarks import load_benchmarks

FOLDER = Path(catalogue.__file__).parent / "benchmarks"
KEYS = sorted(path.stem for path in FOLDER.glob("*.toml"))


def entry_of(key: str) -> BenchmarkEntry:
    entry = public_benchmark_by_key(key)
    assert entry is not None
    return entry


LICENCES = {
    *("Apache-2.0", "BSD-2-Clause", "MIT", "CC0-1.0"),
    *("CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC-BY-NC-3.0"),
}
IN_WORDS = ("not stated", "several, ", "CC-BY (version not stated)")
ASKED_FOR = {
    *("simpleqa", "gsm8k", "math-500", "mmlu", "mmlu-pro", "arc-easy", "arc-challenge"),
    *("hellaswag", "winogrande", "boolq", "piqa", "openbookqa", "commonsenseqa", "truthfulqa"),
    *("triviaqa", "nq-open", "drop", "squad", "bbh", "humaneval", "mbpp"),
    *("ifeval", "gpqa-diamond", "bbq", "mgsm", "reasoning-gym", "first-steps"),
}


def kept(fields: FieldMap) -> set[str]:
    """The names of the metadata that prompts read with these fields have."""
    return {*fields.metadata, *re.compile(fields.input_pattern).groupindex} - {"input"}


def sample(entry: BenchmarkEntry, spec: ReaderSpec) -> Prompt:
    """A prompt with everything this reader of the entry promises."""
    choices = ("a", "b") if spec.fields.choices or spec.fields.choices_pattern else ()
    return Prompt("1", "{input}", "4", choices=choices, metadata=dict.fromkeys(kept(spec.fields), "m"))


def test_the_folder_holds_entries_and_their_data_alone() -> None:
    shipped = {
        f.name for e in public_benchmarks() for s in e.sources if s.kind == "package_data" for f in s.files
    }
    assert {path.name for path in FOLDER.iterdir()} == {f"{key}.toml" for key in KEYS} | shipped


def test_the_benchmarks_of_the_field_are_there() -> None:
    assert set(KEYS) >= ASKED_FOR
    assert len(KEYS) >= 40
    assert (len(entry_of("mmlu").subsets), len(entry_of("bbh").subsets)) == (57, 27)
    assert [entry.key for entry in public_benchmarks()] == KEYS
    assert [e.key for e in public_benchmarks() if "simpleqa" in e.name.lower()] == ["simpleqa"]


def test_ids_do_not_change() -> None:
    assert entry_of("simpleqa").id == "9d113f6c-0b25-573b-b388-f0d2d0cbedf6"
    assert len({entry.id for entry in public_benchmarks()}) == len(KEYS)
    assert len({entry.name.lower() for entry in public_benchmarks()}) == len(KEYS)


def test_unknown_benchmarks_are_none() -> None:
    assert public_benchmark("nothing") is None
    assert public_benchmark_by_key("nothing") is None


@pytest.mark.parametrize("key", KEYS)
def test_what_it_is(key: str) -> None:
    entry = entry_of(key)
    assert public_benchmark(entry.id) is entry
    assert entry.id == stable_id("benchmark", key)
    assert len(entry.full_description) > 80
    assert entry.full_description == entry.full_description.strip()
    assert "  " not in entry.full_description
    assert entry.licence in LICENCES or entry.licence.startswith(IN_WORDS)
    assert "20" in entry.citation
    assert entry.homepage.startswith("https://") or entry.sources[0].kind == "package_data"
    assert len(set(entry.subsets)) == len(entry.subsets)


@pytest.mark.parametrize("key", KEYS)
def test_sources(key: str) -> None:
    entry = entry_of(key)
    for source in entry.sources:
        assert entry.reader_of(source).name in readers.names()
        match source:
            case PackageSource():
                assert all((source.folder / file.name).is_file() for file in source.files)
            case WheelSource():
                assert all(file.sha256 for file in (*source.files, *source.examples))
            case GeneratorSource():
                assert source.generator in generators.names()
            case UrlSource():
                assert source.address.startswith("https://")
            case HuggingFaceSource():
                assert all(
                    (file.path or file.name).endswith((".parquet", ".jsonl", ".csv")) for file in source.files
                )
        if source.prompt_count:
            assert source.prompt_count < entry.prompt_count
            assert source.note, "a part says that it is one"


@pytest.mark.parametrize("key", KEYS)
def test_every_source_gives_what_the_template_wants(key: str) -> None:
    entry = entry_of(key)
    names = placeholders(entry.task.template)
    assert "input" in names
    for source in entry.sources:
        spec = entry.reader_of(source)
        [*_, asked] = render(entry.task, sample(entry, spec))
        assert asked["role"] == "user"
        assert "{input}" in asked["content"]
        assert ("A. a\nB. b" in asked["content"]) == ("choices" in names)


@pytest.mark.parametrize("key", KEYS)
def test_there_is_room_for_an_answer(key: str) -> None:
    task = entry_of(key).task
    assert task.generation.temperature == 0.0
    reasons = "step by step" in task.template
    assert task.generation.max_tokens >= (2048 if reasons else 48)


@pytest.mark.parametrize("key", KEYS)
def test_worked_examples_have_a_source(key: str) -> None:
    entry = entry_of(key)
    with_some = [bool(source.examples or entry.task.examples) for source in entry.sources]
    assert any(with_some) == (entry.few_shot is not None)
    assert all(with_some) or not entry.task.shots
    if entry.few_shot is None:
        return
    assert entry.sources[0].examples, "the first source has what the entry promises"
    assert not entry.task.shots or entry.task.shots in entry.few_shot.standard
    for source in entry.sources:
        if not source.examples:
            assert "no worked examples" in source.note
            continue
        spec = source.examples_reader or entry.reader_of(source)
        assert spec.name in readers.names()
        wanted = {*placeholders(entry.task.template), *placeholders(entry.task.shot_template)}
        assert wanted - {"input", "choices", "subset"} <= kept(spec.fields)
        assert set(placeholders(entry.few_shot.reply)) <= kept(spec.fields) | {"input", "truth"}


@pytest.mark.parametrize("key", KEYS)
def test_nobody_is_told_to_reason_after_examples_that_do_not(key: str) -> None:
    entry = entry_of(key)
    if entry.few_shot is not None and "solution" not in entry.few_shot.reply:
        assert "step by step" not in (entry.task.shot_template or entry.task.template)


@pytest.mark.parametrize("key", KEYS)
def test_scorers_take_their_options(key: str) -> None:
    task = entry_of(key).task
    for spec in (*task.scorers(), *task.scorers(judged=True)):
        scorers.make(spec.name, **spec.options)


@pytest.mark.parametrize("key", KEYS)
def test_metrics_need_no_judge(key: str) -> None:
    assert set(entry_of(key).metrics) <= set(metrics.names())


@pytest.mark.parametrize("key", ["bbh", "gsm8k", "humaneval", "simpleqa"])
def test_published_files_are_the_entry_s(key: str, data: Path, tmp_path: Path) -> None:
    if not (data / key).is_dir():
        pytest.skip(f"the published files of {key} are not at hand")
    entry = entry_of(key)
    hashes = {file.name: file.sha256 for file in entry.sources[0].files}
    for path in (data / key).iterdir():
        assert hashes[path.name] == hashlib.sha256(path.read_bytes()).hexdigest()
    prepared = prepare(entry, data / key, tmp_path)
    counts = Counter(prompt.subset for prompt in prepared.prompts)
    assert prepared.prompt_count == sum(counts.values())
    if prepared.fetched.missing:
        assert counts.keys() < set(entry.subsets)
    else:
        assert prepared.prompt_count == entry.prompt_count
        assert set(counts) == set(entry.subsets or [""])


@pytest.mark.parametrize("key", ["simpleqa", "gsm8k", "bbh"])
def test_the_truth_itself_is_right(key: str, data: Path, tmp_path: Path) -> None:
    entry = entry_of(key)
    judges = {
        s: scorers.get(entry.task.scorer_of(s).name, **entry.task.scorer_of(s).options)
        for s in ("", *entry.subsets)
    }
    for prompt in prepare(entry, data / key, tmp_path).prompts:
        target = scorers.Target(prompt.truth, prompt.aliases, prompt.choices, prompt.metadata)
        answer = f"Let me think: 1 or 2, (A) or (B).\n\nAnswer: {prompt.truth}"
        assert judges[prompt.subset].score(answer, target).verdict == "correct", prompt


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ('key = "Upper"', "key"),
        ('key = "other"', "must be the file's name"),
        ("licence = ''", "licence"),
        ("surprise = 1", "surprise"),
        ("subsets = ['a', 'b']\ntask.subset_scorers.c.name = 'exact'", "not listed: c"),
        ("sources = []", "sources"),
        ("sources = [{ kind = 'url', address = 'https://x/', files = [{ name = '../up' }] }]", "name"),
        ("sources = [{ kind = 'url', address = 'https://x', files = [{ name = 'a' }] }]", "address"),
        (
            "sources = [{ kind = 'url', address = 'https://x/', files = [{ name = 'a', sha256 = 'b' }] }]",
            "sha256",
        ),
        (
            "sources = [{ kind = 'wheel', package = 'p', version = '1', files = [{ name = 'a' }] }]",
            "its path",
        ),
        (
            "sources = [{ kind = 'package_data', files = [{ name = 'a' }, { name = 'a' }] }]",
            "named twice",
        ),
        ("= broken", "Invalid"),
    ],
)
def test_bad_entries_are_refused_with_the_file_s_name(change: str, reason: str, tmp_path: Path) -> None:
    lines = {
        "key": 'key = "tiny"',
        "name": 'name = "Tiny"',
        "full_description": 'full_description = "Small."',
        "language": 'language = "en"',
        "categories": "categories = ['a']",
        "prompt_count": "prompt_count = 1",
        "licence": "licence = 'MIT'",
        "citation": "citation = 'Us, 2026'",
        "released": "released = 2026-01-01",
        "sources": "sources = [{ kind = 'package_data', files = [{ name = 'a' }] }]",
        "reader": "reader.name = 'jsonl'",
        "task": "task.scorer.name = 'exact'",
    }
    path = tmp_path / "tiny.toml"
    path.write_text("\n".join(lines.values()))
    assert list(load_benchmarks(tmp_path)) == ["tiny"]
    lines[change.split(" ")[0]] = change
    path.write_text("\n".join(lines.values()))
    with pytest.raises(ValueError, match=rf"(?s)tiny\.toml is not a valid benchmark.*{reason}"):
        load_benchmarks(tmp_path)
