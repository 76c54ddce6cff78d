"""`stratix benchmarks create`: what its options become, and how wrong ones are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

QUIZ = """question,context,answer
\x1b[31mWet?,It  rains.,yes
Dry?,It rains.,no
Cold?,It rains.,no
Hot?,It snows.,no
"""


@pytest.fixture
def quiz(tmp_path: Path) -> str:
    path = tmp_path / "quiz.csv"
    path.write_text(QUIZ)
    return str(path)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "--name"),
        (("--preview", "--map", "input"), "'input' is not FIELD=COLUMN"),
        (("--preview", "--map", "question=input"), "'question' is no field; there are: input, truth"),
        (("--preview", "--scorer-option", "a=1"), "--scorer-option needs --scorer"),
        (("--preview", "--scorer", "numeric", "--scorer-option", "a"), "'a' is not NAME=VALUE"),
        (("--preview", "--template", "@nowhere.txt"), "nowhere.txt cannot be read"),
        (("--preview", "--max-tokens", "0"), "--max-tokens"),
        (("--preview", "--data", "nowhere.jsonl"), "--data"),
    ],
)
def test_wrong_options(stratix: Run, quiz: str, options: tuple[str, ...], told: str) -> None:
    assert told in " ".join(stratix("benchmarks", "create", "--file", quiz, *options, code=2).stderr.split())


def test_doubt_says_how_to_map(stratix: Run, quiz: str) -> None:
    told = stratix("benchmarks", "create", "--file", quiz, "--preview", code=5).stderr
    assert "`context` looks like a part of the question" in told
    assert "--map input=COLUMN" in told


def test_preview_shows_prompts_and_makes_nothing(stratix: Run, quiz: str, tmp_path: Path) -> None:
    template = tmp_path / "template.txt"
    template.write_text("{context}\n\n    {input}")
    options = ("--file", quiz, "--template", f"@{template}", "--system", "Be short.", "--max-tokens", "5")
    scorer = ("--scorer", "includes", "--scorer-option", "whole_words=false")
    before = stratix("benchmarks", "list", "--type", "custom", "--format", "json").stdout
    shown = stratix("benchmarks", "create", *options, *scorer, "--preview").stdout
    for part in (
        "It  rains.",
        "    Dry?",
        "Be short.",
        'includes {"whole_words": false}',
        "truth",
        "\\x1b[31mWet?",
    ):
        assert part in shown
    assert "\x1b" not in shown
    assert "Hot?" not in shown, "three prompts are shown"
    found = json.loads(
        stratix("benchmarks", "create", *options, *scorer, "--preview", "--format", "json").stdout
    )
    assert (found["format"], found["prompt_count"], len(found["prompts"])) == ("csv", 4, 3)
    assert found["task"]["generation"]["max_tokens"] == 5
    assert stratix("benchmarks", "list", "--type", "custom", "--format", "json").stdout == before


def test_create_tells_what_was_taken_for_what(stratix: Run, quiz: str) -> None:
    mapping = ("--map", "input=question", "--map", "truth=answer", "--map", "metadata.text=context")
    result = stratix(
        "benchmarks", "create", "--name", "Weather", "--file", quiz, *mapping, "--format", "json"
    )
    assert json.loads(result.stdout)["prompt_count"] == 4
    assert "input from `question`; truth from `answer`; metadata from `context`" in result.stderr
