"""Every form of file is made a benchmark of, evaluated by a real platform, and scored as a pencil would."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.benchmarks.files import (
    CAPITALS,
    LM_EVAL,
    LM_EVAL_CHOICE,
    OPPOSITES,
    PROMPTFOO,
    jsonl,
    table,
)
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens import Stratix
from stratix.cli.main import cli

QUIZ = """question,answer,topic
Capital of France?,Paris,geo
How much is 2+2?,4,sums
Capital of Peru?,Lima,geo
"""
LETTER = "\n\nA. hot\nB. cold\n\nAnswer with the letter of the right option alone."
CHOICE = {"question": ["Ice is", "Fire is"], "choices": [["hot", "cold"], ["hot", "cold"]], "answer": [1, 0]}


@dataclass(frozen=True)
class Case:
    """A file, what the model answers to what it is asked, and which of its answers are right."""

    name: str
    content: bytes
    replies: dict[str, str]
    right: list[bool]
    data: tuple[Any, ...] = ()
    client: dict[str, Any] = field(default_factory=dict)
    command: tuple[str, ...] = ()


CASES = {
    "csv": Case(
        "quiz.csv",
        QUIZ.encode(),
        {"Capital of France?": "paris.", "How much is 2+2?": "It is 4", "Capital of Peru?": "Quito"},
        [True, False, False],
        client={"mapping": {"input": "question", "truth": "answer", "subset": "topic"}},
        command=("--map", "input=question", "--map", "truth=answer", "--map", "subset=topic"),
    ),
    "csv with a scorer and a template": Case(
        "quiz.csv",
        QUIZ.encode(),
        {
            "[geo] Capital of France?": "The city of Paris!",
            "[sums] How much is 2+2?": "It is 4",
            "[geo] Capital of Peru?": "Quito",
        },
        [True, True, False],
        client={
            "custom_scorers": [{"name": "includes", "options": {"whole_words": True}}],
            "task": {"template": "[{topic}] {input}", "system": "Be short.", "generation": {"max_tokens": 7}},
        },
        command=(
            *("--scorer", "includes", "--scorer-option", "whole_words=true"),
            *("--template", "[{topic}] {input}", "--system", "Be short.", "--max-tokens", "7"),
        ),
    ),
    "tsv": Case("a.tsv", b"input\ttruth\n2+2?\t4\n3+3?\t6\n", {"2+2?": "4", "3+3?": "7"}, [True, False]),
    "json": Case(
        "a.json",
        b'{"examples": [{"prompt": "2+2?", "completion": 4}, {"prompt": "3+3?", "completion": 6}]}',
        {"2+2?": "4", "3+3?": "7"},
        [True, False],
    ),
    "parquet": Case(
        "a.parquet",
        table(CHOICE),
        {
            f"Ice is{LETTER}": "(B)",
            f"Fire is{LETTER}": "cold",
        },
        [True, False],
    ),
    "openai-evals": Case(
        "evals.jsonl",
        jsonl(
            {
                "input": [{"role": "system", "content": "Short."}, {"role": "user", "content": "Twice 2?"}],
                "ideal": "4",
            },
            {"input": [{"role": "user", "content": "Colour?"}], "ideal": ["gray", "grey"]},
            {"input": "Plain?", "ideal": "yes"},
        ),
        {"Twice 2?": "5", "Colour?": "Grey", "Plain?": "yes"},
        [False, True, True],
    ),
    "inspect": Case(
        "samples.jsonl",
        jsonl(
            {"id": "ice", "input": "Ice?", "target": "B", "choices": ["hot", "cold"]},
            {"id": "fire", "input": "Fire?", "target": "A", "choices": ["hot", "cold"]},
        ),
        {
            f"Ice?{LETTER}": "The answer is B.",
            f"Fire?{LETTER}": "B",
        },
        [True, False],
    ),
    "lm-eval": Case(
        "task.yaml",
        LM_EVAL.encode(),
        {
            "Be short.\n\nQ: Capital of Spain?\nA:  Madrid\n\nQ: Capital of France?\nA:": "PARIS",
            "Be short.\n\nQ: Capital of Spain?\nA:  Madrid\n\nQ: Capital of Italy?\nA:": "Milan",
        },
        [True, False],
        data=(CAPITALS,),
    ),
    "lm-eval multiple choice": Case(
        "task.yml",
        LM_EVAL_CHOICE.encode(),
        {
            f"The opposite of hot:{LETTER.replace('cold', 'warm').replace('hot', 'cold')}": "A",
        },
        [True],
        data=(OPPOSITES,),
        client={"format": "lm-eval"},
        command=("--file-format", "lm-eval"),
    ),
    "promptfoo": Case(
        "promptfooconfig.yaml",
        PROMPTFOO.encode(),
        {
            "Say hello in French.": "bonjour",
            "Say night in German.": "Gute NACHT",
            "Say night in Dutch.": "goede nacht",
            "Say yes in French.": "oui, non, oui",
            "Say a number as JSON in French.": '{"number": 5}',
            "Say five in French.": "vingt-cinq",
        },
        [True, True, True, False, True, False],
    ),
}


@pytest.fixture(scope="module")
def provider():
    replies = {asked: text for case in CASES.values() for asked, text in case.replies.items()}

    def script(asked: str, _times: int) -> Reply:
        return Reply(replies[asked]) if asked in replies else Reply(f"nobody asked: {asked}", status=400)

    with ScriptedProvider(script) as provider:
        yield provider


@pytest.fixture(scope="module")
def platform(tmp_path_factory, provider):
    with Platform(tmp_path_factory.mktemp("platform"), provider.base_url) as platform:
        yield platform


def files_of(case: Case, folder: Path) -> tuple[Path, list[Path]]:
    """Write the files of a case."""
    main = folder / case.name
    main.write_bytes(case.content)
    data = [folder / one.name for one in case.data]
    for path, one in zip(data, case.data, strict=True):
        path.write_bytes(one.content)
    return main, data


def check(client: Stratix, benchmark_id: str, case: Case) -> None:
    """Evaluate a benchmark and compare every verdict."""
    evaluation = client.evaluations.create(
        model=client.models.get_by_key("gpt-4o"), benchmark=client.benchmarks.get_by_id(benchmark_id)
    )
    evaluation = client.evaluations.wait_for_completion(evaluation, timeout_seconds=60)
    assert evaluation.is_success, evaluation.status_description
    results = client.results.get_all(evaluation=evaluation)
    assert [(r.outcome, r.result) for r in results] == [
        ("correct" if right else "incorrect", text)
        for right, text in zip(case.right, case.replies.values(), strict=True)
    ]
    assert evaluation.accuracy == sum(case.right) / len(case.right)


@pytest.mark.parametrize("name", CASES)
def test_through_the_client(platform: Platform, name: str, tmp_path: Path) -> None:
    case = CASES[name]
    main, data = files_of(case, tmp_path)
    with platform.client() as client:
        shown = client.benchmarks.preview_custom(file_path=main, data_files=data or None, **case.client)
        assert shown.prompt_count == len(case.right)
        assert [p.messages[-1]["content"] for p in shown.prompts] == list(case.replies)[:3]
        before = [benchmark.id for benchmark in client.benchmarks.get(type="custom")]
        created = client.benchmarks.create_custom(
            name=name, file_path=main, data_files=data or None, **case.client
        )
        assert created.benchmark_id not in before
        assert created.findings == shown.findings
        check(client, created.benchmark_id, case)


def run(platform: Platform, *arguments: str) -> str:
    cleared = {name: None for name in os.environ if name.startswith(("STRATIX_", "LAYERLENS_"))}
    environment = {**cleared, "STRATIX_CREDENTIALS_FILE": str(platform.credentials)}
    result = CliRunner().invoke(cli, arguments, env=environment, prog_name="stratix")
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("name", CASES)
def test_through_the_command_line(platform: Platform, name: str, tmp_path: Path) -> None:
    case = CASES[name]
    main, data = files_of(case, tmp_path)
    options = ["--file", str(main), *case.command, *(part for path in data for part in ("--data", str(path)))]
    shown = run(platform, "benchmarks", "create", *options, "--preview")
    for line in next(iter(case.replies)).splitlines():
        assert line in shown
    assert "truth" in shown
    made = json.loads(run(platform, "benchmarks", "create", "--name", name, *options, "--format", "json"))
    arguments = ("--model", "gpt-4o", "--benchmark", made["key"], "--watch", "--format", "json")
    record = json.loads(run(platform, "evaluate", "run", *arguments))
    right = sum(case.right)
    assert record["outcomes"] == {
        outcome: count
        for outcome, count in (("correct", right), ("incorrect", len(case.right) - right))
        if count
    }


def test_settings_reach_the_endpoint(platform: Platform, provider: ScriptedProvider, tmp_path: Path) -> None:
    with platform.client() as client:
        for name in ("csv with a scorer and a template", "lm-eval"):
            main, data = files_of(CASES[name], tmp_path)
            created = client.benchmarks.create_custom(
                name=name, file_path=main, data_files=data or None, **CASES[name].client
            )
            check(client, created.benchmark_id, CASES[name])
    asked = {one["messages"][-1]["content"]: one for one in provider.requests}
    with_system = asked["[geo] Capital of France?"]
    assert with_system["messages"][0] == {"role": "system", "content": "Be short."}
    assert with_system["max_tokens"] == 7
    harness = asked[next(iter(CASES["lm-eval"].replies))]
    assert (harness["stop"], harness["max_tokens"], harness["temperature"]) == (["Q:"], 20, 0)


def test_on_postgresql(tmp_path: Path, provider: ScriptedProvider, new_postgres: str) -> None:
    case = CASES["promptfoo"]
    main, _ = files_of(case, tmp_path)
    with Platform(tmp_path, provider.base_url, new_postgres) as platform, platform.client() as client:
        created = client.benchmarks.create_custom(name="On PostgreSQL", file_path=main)
        check(client, created.benchmark_id, case)
