"""Files made to do harm are contained: nothing runs, and memory and time have an end."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pytest
from tests.benchmarks.files import table

from stratix.benchmarks import isolated, limited
from stratix.benchmarks.custom import BadBenchmarkFile, File, Request, draft

ROWS = File("rows.jsonl", b'{"q": "1+1", "a": "2"}\n')


def refused(file: File, *data: File) -> str:
    before = set(Path(tempfile.gettempdir()).glob("stratix-import-*"))
    with pytest.raises(BadBenchmarkFile) as caught:
        list(draft(file, data, Request())[1].prompts)
    assert set(Path(tempfile.gettempdir()).glob("stratix-import-*")) <= before, "it leaves nothing behind"
    assert not [
        child
        for child in psutil.Process().children(recursive=True)
        if "stratix-import" in " ".join(child.cmdline())
    ]
    return str(caught.value)


def task(text: str) -> File:
    return File("task.yaml", f"doc_to_text: {json.dumps(text)}\ndoc_to_target: a\n".encode())


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['touch {marker}']",
        "!!python/object/new:os.system ['touch {marker}']",
        "!!python/name:os.system",
        "!function utils.process_docs",
        "!include /etc/passwd",
    ],
)
@pytest.mark.parametrize("field", ["doc_to_text", "tests"])
def test_yaml_tags_run_nothing(tag: str, field: str, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    content = f"{field}: {tag.format(marker=marker)}\n".encode()
    assert "names code, which is not run" in refused(File("a.yaml", content), ROWS)
    assert not marker.exists()


@pytest.mark.parametrize(
    "text",
    [
        "{{ q.__class__.__mro__[1].__subclasses__() }}",
        "{{ ''['__class__'] }}",
        "{{ q|attr('__class__') }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.system('id') }}",
        "{{ lipsum.__globals__ }}",
        "{{ '%s'|format(q.__class__) }}",
        "{{ '{0.__class__}'.format(q) }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}{{ os }}",
    ],
)
def test_templates_reach_nothing_but_their_row(text: str) -> None:
    assert "`doc_to_text` cannot be rendered" in refused(task(text), ROWS)


def test_the_process_that_reads_them_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("STRATIX_SECRET_KEY", "secret")
    seen: dict[str, str] = {}
    run = subprocess.run

    def watched(*arguments: Any, **options: Any) -> Any:
        seen.update(options["env"])
        return run(*arguments, **options)

    monkeypatch.setattr(limited.subprocess, "run", watched)
    _, found = draft(task("{{ q }} {{ range(3)|list }}"), (ROWS,), Request())
    assert [prompt.input for prompt in found.prompts] == ["1+1 [0, 1, 2]"]
    assert "PATH" in seen
    assert "secret" not in " ".join(seen.values())


@pytest.mark.parametrize(
    "text",
    [
        "{{ 'a' * 10**11 }}",
        "{{ 'a'|center(10**11) }}",
        "{% for i in range(10**9) %}x{% endfor %}",
    ],
)
def test_templates_have_no_endless_memory(text: str) -> None:
    started = time.monotonic()
    message = refused(task(text), ROWS)
    assert "cannot be rendered" in message or "was stopped" in message
    assert time.monotonic() - started < 30


def test_templates_have_no_endless_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stratix.benchmarks.limited._SECONDS", 2)
    loop = "{% for i in range(90000) %}" * 3 + "{% endfor %}" * 3
    started = time.monotonic()
    assert "was stopped" in refused(task(loop), ROWS)
    assert time.monotonic() - started < 10


def test_a_billion_laughs_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    content = "\n".join([*lines, "tests: *a11", "prompts: [x]"]).encode()
    assert "unfolds to more than 2,000,000 values" in refused(File("a.yaml", content))


def test_parquet_that_unpacks_to_terabytes_is_stopped() -> None:
    many = pa.DictionaryArray.from_arrays(pa.array([0] * 900_000, pa.int32()), pa.array(["x" * 4_000_000]))
    content = table({"question": many, "answer": many}, compression="zstd")
    assert len(content) < 50_000
    started = time.monotonic()
    message = refused(File("a.parquet", content))
    assert "was stopped" in message or "unpacks to" in message
    assert time.monotonic() - started < 60


def test_parquet_of_too_many_rows_is_refused() -> None:
    content = table(
        {"question": pa.nulls(1_000_001, pa.string()), "answer": pa.nulls(1_000_001, pa.string())}
    )
    assert "unpacks to 1,000,001 rows" in refused(File("a.parquet", content))


def test_a_cell_has_an_end() -> None:
    content = table({"input": ["x" * (4 * 1024**2 + 1)], "truth": ["t"]})
    assert "row 1: a text has 4,194,305 characters; at most 4,194,304" in refused(File("a.parquet", content))
    csv = b"input,truth\nq," + b"x" * (4 * 1024**2 + 1) + b"\n"
    assert "field larger than field limit" in refused(File("a.csv", csv))


def test_what_a_small_file_unpacks_to_has_an_end() -> None:
    content = table({"input": ["x" * 1_000_000] * 200, "truth": ["t"] * 200}, compression="zstd")
    assert len(content) < 1_000_000
    assert "128 MB of prompts: it was stopped" in refused(File("a.parquet", content))


def test_a_fault_of_ours_is_not_blamed_on_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited, "_KEPT_VARIABLES", ())
    monkeypatch.setattr(isolated, "__name__", "stratix.benchmarks.no_such_module")
    with pytest.raises(RuntimeError, match="no_such_module failed"):
        isolated.read("parquet", File("a.parquet", b""), (), Request())
