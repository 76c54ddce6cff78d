"""The workflows in `examples/` are valid, call the command line as it is, and leak nothing."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from stratix.cli.main import cli

EXAMPLES = Path(__file__).parents[2] / "examples"
WORKFLOWS = sorted(EXAMPLES.glob("*.yml"))


def steps(path: Path) -> list[dict[str, Any]]:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def commands(path: Path) -> Iterator[list[str]]:
    """Yield the arguments of each call of the command line, a value in the place of each substitution."""
    for step in steps(path):
        script = re.sub(r'"\$\([^)]*\)"|"?\$\{?\w+\}?"?', "value", step.get("run", "").replace("\\\n", " "))
        for line in script.splitlines():
            words = shlex.split(line)
            if words[:1] == ["stratix"]:
                yield words[1:]


def parse(arguments: list[str]) -> click.Context:
    """Parse a command's arguments as the command line does, down to the last command, and run nothing."""
    command: click.Command = cli
    context = click.Context(cli, info_name="stratix")
    while isinstance(command, click.Group):
        name, found, arguments = command.resolve_command(context, arguments)
        assert found is not None
        command, context = found, click.Context(found, parent=context, info_name=name)
    return command.make_context(command.name, arguments)


def test_there_is_one() -> None:
    assert [path.name for path in WORKFLOWS] == ["github-actions.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_command_is_one_the_command_line_takes(path: Path) -> None:
    found = [" ".join(arguments[:2]) for arguments in commands(path)]
    assert found == ["ci run", "report value"]
    for arguments in commands(path):
        parse(list(arguments))


def test_an_option_that_is_none_is_found() -> None:
    with pytest.raises(click.NoSuchOption):
        parse(["ci", "gate", "--evaluation", "x", "--min-accurracy", "0.5"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_keys_come_from_secrets_and_are_not_cached(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    # YAML 1.1 reads the key `on` as true.
    assert workflow[True].keys() == {"pull_request", "workflow_dispatch"}
    assert workflow["permissions"] == {"contents": "read"}
    keys = re.findall(r"_API_KEY: *(.*)", text)
    assert keys
    assert set(keys) == {"${{ secrets.STRATIX_API_KEY }}"}
    for step in steps(path):
        assert step.keys() <= {"name", "uses", "run", "with", "env", "if", "id"}
        assert ("run" in step) != ("uses" in step)
        if "secrets." in str(step):
            assert "run" in step
        if step.get("uses", "").startswith("actions/cache"):
            assert step["with"]["path"] == "~/.cache/pip"
