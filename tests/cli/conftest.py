"""A real platform with a scripted endpoint, and the command line run against it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from stratix.cli.main import cli

HOSTILE = "\x1b]0;owned\x07\x1b[31mred\x1b[0m [bold]loud[/bold] \x9b2J \u202eback :bomb:"
ROWS = [
    {"subset": "capitals", "input": "What is the capital of France?", "truth": "Paris"},
    {"subset": "capitals", "input": "What is the capital of Italy?", "truth": "Rome"},
    {"subset": "colours", "input": "Which colour is grass?", "truth": "green"},
    {"subset": "colours", "input": "Which colour is the sky?", "truth": "[blue]"},
    {"subset": "trouble", "input": "Go on and on.", "truth": "stop"},
    {"subset": "trouble", "input": "Break.", "truth": "never"},
]
REPLIES = {
    "What is the capital of France?": Reply("Paris"),
    "What is the capital of Italy?": Reply("Milan, \u65e5\u672c"),
    "Which colour is grass?": Reply(HOSTILE),
    "Which colour is the sky?": Reply("[blue]"),
    "Go on and on.": Reply("on and on and", finish_reason="length"),
    "Break.": Reply("This prompt is refused [red]always[/red]\x1b[2J", status=400),
}
OUTCOMES = {"correct": 2, "incorrect": 2, "truncated": 1, "failed": 1}

Run = Callable[..., Result]


def script(asked: str, _times: int) -> Reply:
    """Answer as `REPLIES` says; "wait" takes longer than any test."""
    return REPLIES.get(asked) or Reply("ok", delay=60.0 if "wait" in asked else 0.0)


@dataclass(frozen=True)
class Evaluated:
    """An evaluation that `stratix evaluate run` has run, and the benchmark it made for it."""

    id: str
    benchmark: str
    record: dict[str, Any]


@pytest.fixture(scope="session")
def provider() -> Iterator[ScriptedProvider]:
    with ScriptedProvider(script) as running:
        yield running


@pytest.fixture(scope="session")
def platform(provider: ScriptedProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with Platform(tmp_path_factory.mktemp("platform"), provider.base_url) as running:
        yield running


@pytest.fixture(scope="session")
def environment(platform: Platform) -> dict[str, str | None]:
    """The environment of a user on the platform's machine: everything comes from the credentials file."""
    cleared = [n for n in os.environ if n.startswith(("STRATIX_", "LAYERLENS_"))]
    return {**dict.fromkeys(cleared), "STRATIX_CREDENTIALS_FILE": str(platform.credentials)}


@pytest.fixture(scope="session")
def stratix(environment: dict[str, str | None]) -> Run:
    """Run the command line as `stratix(...)`, and check its exit code."""

    def run(*arguments: str, code: int = 0, **variables: str | None) -> Result:
        result = CliRunner().invoke(cli, arguments, env={**environment, **variables}, prog_name="stratix")
        assert result.exit_code == code, f"{result.exit_code}\n{result.output}\n{result.exc_info}"
        return result

    return run


@pytest.fixture(scope="session")
def evaluated(stratix: Run, tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    file = tmp_path_factory.mktemp("benchmark") / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    made = json.loads(
        stratix("benchmarks", "create", "--name", "Six rows", "--file", str(file), "--format", "json").stdout
    )
    command = ("evaluate", "run", "--model", "gpt-4o", "--benchmark", made["key"], "--watch")
    record = json.loads(stratix(*command, "--format", "json").stdout)
    return Evaluated(record["id"], made["key"], record)


@pytest.fixture
def elsewhere(tmp_path: Path) -> dict[str, str]:
    """Variables of a user on a machine where nothing has been set up."""
    return {
        "STRATIX_CREDENTIALS_FILE": str(tmp_path / "credentials.json"),
        "STRATIX_DATA_DIR": str(tmp_path / "data"),
    }
