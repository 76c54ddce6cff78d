"""Files become rows, rows become prompts, and what is wrong with a file is said with its place."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from stratix.benchmarks import readers
from stratix.benchmarks.base import Prompt
from stratix.benchmarks.lines import BadBenchmarkFile
from stratix.benchmarks.readers import load, names
from stratix.benchmarks.reading import read
from stratix.catalogue import FieldMap, ReaderSpec, public_benchmark_by_key

FILES = sorted(path.stem for path in Path(readers.__file__).parent.glob("[a-z]*.py"))


def place(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_the_folder_is_a_reader(name: str, tmp_path: Path) -> None:
    assert name in names()
    assert load(name).__doc__
    with pytest.raises(BadBenchmarkFile, match=r"rubbish\.dat"):
        list(read(ReaderSpec(name=name), [place(tmp_path, "rubbish.dat", b"\xff\xfe\x00 {not: data")]))


def test_unknown_reader_names_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no reader 'xml'; there are: .*csv.*json.*jsonl"):
        load("xml")


def test_readers_of_plugins_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    info = plugin / "shouting-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[stratix.readers]\nshouting = shouting_reader:rows\n")
    (plugin / "shouting_reader.py").write_text(
        "def rows(stream):\n"
        "    for line in stream:\n"
        "        yield {'input': line.decode().strip().upper(), 'truth': line.decode().strip()}\n"
    )
    monkeypatch.syspath_prepend(str(plugin))
    assert "shouting" in names()
    path = place(tmp_path, "a.txt", b"hello\n")
    assert list(read(ReaderSpec(name="shouting"), [path])) == [Prompt("1", "HELLO", "hello")]


def test_fields_are_mapped(tmp_path: Path) -> None:
    row = b'{"n": 7, "doc": {"q": "why?", "a": ["b", "c"]}, "kind": 3, "also": ["B"], "opts": ["x", "y"]}\n'
    fields = FieldMap(
        id="n",
        input="doc.q",
        truth="doc.a",
        subset="kind",
        aliases="also",
        choices="opts",
        metadata={"doc": "doc", "answer": "doc.a"},
    )
    path = place(tmp_path, "a.jsonl", row)
    assert list(read(ReaderSpec(name="jsonl", fields=fields), [path])) == [
        Prompt(
            "7",
            "why?",
            '["b", "c"]',
            "3",
            ("B",),
            ("x", "y"),
            {"doc": {"q": "why?", "a": ["b", "c"]}, "answer": ["b", "c"]},
        )
    ]


def test_rows_without_aliases_have_none(tmp_path: Path) -> None:
    path = place(tmp_path, "a.jsonl", b'{"input": "q", "truth": "t"}\n')
    spec = ReaderSpec(name="jsonl", fields=FieldMap(aliases="aliases"))
    assert list(read(spec, [path])) == [Prompt("1", "q", "t")]


def test_options_are_read_from_the_question(tmp_path: Path) -> None:
    row = b'{"input": "Which?\\nOptions:\\n(A) red (B)\\n(B) blue", "truth": "(B)"}\n'
    spec = ReaderSpec(name="jsonl", fields=FieldMap(choices_pattern=r"^\([A-Z]\) (.+)$"))
    assert next(read(spec, [place(tmp_path, "a.jsonl", row)])).choices == ("red (B)", "blue")


def test_files_are_subsets_where_told(tmp_path: Path) -> None:
    rows = b'{"input": "q", "truth": "t"}\n' * 2
    files = [place(tmp_path, "one.jsonl", rows), place(tmp_path, "two.jsonl.gz", gzip.compress(rows))]
    found = read(ReaderSpec(name="jsonl", fields=FieldMap(subset_from_file=True)), files)
    assert [(prompt.id, prompt.subset) for prompt in found] == [
        ("one/1", "one"),
        ("one/2", "one"),
        ("two/1", "two"),
        ("two/2", "two"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "options", "fields", "message"),
    [
        ("a.jsonl", b'{"input": "q"}', {}, {}, "row 1: there is no `truth`; the row has `input`"),
        ("a.jsonl", b'\n{"input": "q", "truth": "t"}\n{"x"}', {}, {}, "line 3: not JSON"),
        ("a.jsonl", b'{"input": "q", "truth": "t"}', {}, {"truth_after": "# "}, "row 1: `truth` has no '# '"),
        ("a.jsonl", b'{"input": "q", "truth": "t"}', {}, {"subset": "truth.x"}, "no `truth.x`"),
        ("a.jsonl.gz", b"plain text", {}, {}, "[Nn]ot a gzip"),
        ("a.jsonl.gz", gzip.compress(b'{"input": "q", "truth": "t"}', mtime=0)[:-9], {}, {}, "end-of-stream"),
        ("a.json", b"[1]", {}, {}, "item 1 is not an object but a number"),
        ("a.json", b'{"rows": {}}', {"list_field": "rows"}, {}, "expected in `rows`, not an object"),
        ("a.json", b'{"rows": []}', {"list_field": "other"}, {}, "expected in `other`, not null"),
        ("a.json", b"{}", {}, {}, "expected in the document, not an object"),
        ("a.csv", b"input,truth\nq,t,u\n", {}, {}, "line 2 has more columns"),
        ("a.csv", b'input,truth\nq,"t\n', {}, {}, "line 1 is not CSV"),
        ("a.csv", b"input,truth\nq\n", {}, {}, "row 1: there is no `truth`"),
        ("a.csv", b"input,truth\nq,t\n", {"literals": ["input"]}, {}, "line 2: `input` is not a Python"),
        ("a.csv", b"input,truth\nq,t\n", {"literals": ["more"]}, {}, "line 2: `more` is not a Python"),
        ("a.csv", b"input,truth\n\xff,t\n", {}, {}, "utf-8"),
    ],
)
def test_faults_are_named_with_their_place(
    name: str,
    content: bytes,
    options: dict[str, object],
    fields: dict[str, str],
    message: str,
    tmp_path: Path,
) -> None:
    reader = name.split(".")[1]
    spec = ReaderSpec(name=reader, options=options, fields=FieldMap.model_validate(fields))
    with pytest.raises(BadBenchmarkFile, match=message) as caught:
        list(read(spec, [place(tmp_path, name, content)]))
    assert name in str(caught.value)


def test_literals_are_read_without_running_them(tmp_path: Path) -> None:
    path = place(tmp_path, "a.csv", b"input,truth\n__import__('os').getpid(),t\n")
    with pytest.raises(BadBenchmarkFile, match="not a Python literal"):
        list(read(ReaderSpec(name="csv", options={"literals": ["input"]}), [path]))


def test_prompts_stream(tmp_path: Path) -> None:
    path = place(tmp_path, "a.jsonl", b'{"input": "q", "truth": "t"}\nnot JSON\n')
    prompts = read(ReaderSpec(name="jsonl"), [path])
    assert next(prompts).id == "1"


def published(key: str, *files: Path) -> list[Prompt]:
    entry = public_benchmark_by_key(key)
    assert entry is not None
    return list(read(entry.reader, files))


def test_simpleqa(data: Path) -> None:
    prompts = published("simpleqa", data / "simpleqa/simple_qa_test_set.csv")
    first = prompts[0]
    assert (len(prompts), first.id, first.subset) == (4326, "1", "Science and technology")
    assert first.input == "Who received the IEEE Frank Rosenblatt Award in 2010?"
    assert (first.truth, first.metadata["answer_type"]) == ("Michio Sugeno", "Person")
    assert len(first.metadata["urls"]) == 4


def test_gsm8k(data: Path) -> None:
    prompts = published("gsm8k", data / "gsm8k/test.jsonl")
    assert (len(prompts), prompts[0].truth, prompts[-1].id) == (1319, "18", "1319")
    assert prompts[0].metadata["solution"].endswith("#### 18")
    assert all(prompt.truth.replace(",", "").lstrip("-").isdigit() for prompt in prompts)


def test_humaneval(data: Path) -> None:
    prompts = published("humaneval", data / "humaneval/HumanEval.jsonl.gz")
    assert (len(prompts), prompts[0].id) == (164, "HumanEval/0")
    assert prompts[0].truth.startswith("    for idx, elem")  # its indentation is part of the code
    assert all(f"def {prompt.metadata['entry_point']}(" in str(prompt.input) for prompt in prompts)
    assert all("def check(candidate)" in prompt.metadata["test"] for prompt in prompts)


def test_bbh(data: Path) -> None:
    prompts = published("bbh", data / "bbh/date_understanding.json", data / "bbh/causal_judgement.json")
    assert [prompts[0].id, prompts[-1].id] == ["date_understanding/1", "causal_judgement/187"]
    assert (prompts[0].truth, prompts[0].choices[1]) == ("(B)", "12/25/1937")
    assert prompts[-1].choices == ()
    assert len(prompts) == 250 + 187
