"""`stratix benchmarks create-smart` and what follows it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import REPLIES, Run
from tests.support.provider import Reply

TEXT = "The lighthouse of Alden was built in 1871."
ASKED = f"<passage>\n{TEXT}\n</passage>"
PROMPTS = {"prompts": [{"question": "When was the lighthouse of Alden built?", "answer": "1871"}]}


@pytest.fixture
def document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A document, and an endpoint that knows what to ask about it."""
    monkeypatch.setitem(REPLIES, ASKED, Reply(json.dumps(PROMPTS)))
    path = tmp_path / "alden.txt"
    path.write_text(TEXT)
    return str(path)


def create(stratix: Run, document: str, *options: str, code: int = 0) -> Any:
    command = (
        "benchmarks",
        "create-smart",
        "--name",
        "Alden",
        "--system-prompt",
        "Ask.",
        "--model",
        "gpt-4o",
    )
    return stratix(*command, "--file", document, *options, code=code)


def test_a_benchmark_is_made_while_one_watches(stratix: Run, document: str) -> None:
    made = create(stratix, document, "--watch")
    assert "evaluate run --model MODEL --benchmark alden" in " ".join(made.stdout.split())
    assert "1 of 1" in made.stdout
    key = json.loads(create(stratix, document, "--watch", "--format", "json").stdout)["key"]
    found = json.loads(stratix("benchmarks", "get", key, "--format", "json").stdout)
    assert (found["status"], found["prompt_count"], found["system_prompt"]) == ("ready", 1, "Ask.")
    assert "is ready: there is nothing to resume" in stratix("benchmarks", "resume", key, code=5).stderr
    assert "has ended" in stratix("benchmarks", "cancel", key, code=5).stderr
    assert "ready" in stratix("benchmarks", "watch", key).stdout


def test_one_that_fails_says_why_and_goes_on_when_told(
    stratix: Run, document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = REPLIES[ASKED]
    monkeypatch.setitem(REPLIES, ASKED, Reply("I would rather not."))
    options = ("--no-cache", "--watch", "--format", "json")
    failed = json.loads(create(stratix, document, *options, code=1).stdout)
    assert failed["status"] == "failed"
    assert "No benchmark was made." in failed["status_description"]
    monkeypatch.setitem(REPLIES, ASKED, good)
    assert "generating" in stratix("benchmarks", "resume", failed["key"]).stdout
    assert "ready" in stratix("benchmarks", "watch", failed["key"]).stdout


def test_what_nobody_generates_is_not_waited_for(stratix: Run) -> None:
    told = stratix("benchmarks", "watch", "first-steps", code=1).stderr
    assert "first-steps is not generated from documents" in told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--per-passage", "21"), "--per-passage"),
        (("--max-passages", "0"), "--max-passages"),
        (("--system-prompt", "@nowhere.txt"), "nowhere.txt cannot be read"),
        (("--metric", "speed"), "--metric"),
    ],
)
def test_wrong_options(stratix: Run, document: str, options: tuple[str, ...], told: str) -> None:
    assert told in " ".join(create(stratix, document, *options, code=2).stderr.split())
