"""Help: quick, with an example in each command."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import click
import pytest
from click.testing import CliRunner

from stratix.cli.main import COMMANDS, cli


def leaves() -> list[tuple[str, ...]]:
    """Return the path of every command, groups included."""
    context = click.Context(cli)
    found: list[tuple[str, ...]] = [()]
    for name in COMMANDS:
        command = cli.get_command(context, name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, leaf) for leaf in command.commands]
    return found


@pytest.mark.parametrize("path", leaves(), ids=" ".join)
def test_help_shows_an_example(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, [*path, "--help"], prog_name="stratix")
    assert result.exit_code == 0
    _, _, examples = result.stdout.partition("Example")
    assert " ".join(("stratix", *path)) in examples


def test_every_command_of_the_platform_is_there() -> None:
    assert {" ".join(path) for path in leaves()} >= {
        "up",
        "worker",
        "demo",
        "models list",
        "models get",
        "models add-custom",
        "benchmarks list",
        "benchmarks get",
        "benchmarks install",
        "benchmarks create",
        "evaluate run",
        "evaluate list",
        "evaluate get",
        "evaluate cancel",
        "evaluate pause",
        "evaluate resume",
        "evaluate retry",
        "rescore run",
        "rescore list",
        "rescore apply",
        "rescore original",
        "rescore cancel",
        "results show",
        "results export",
    }


def test_help_answers_at_once() -> None:
    # Compiled modules, as an installation has them.
    environment = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    command = (sys.executable, "-m", "stratix.cli.main", "--help")
    seconds = []
    for _ in range(4):
        started = time.perf_counter()
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.4


def test_help_loads_no_group() -> None:
    code = (
        "import sys; from stratix.cli.main import cli; cli(['--help'], standalone_mode=False);"
        "print(*(n for n in sys.modules if n.startswith(('stratix.', 'layerlens'))), file=sys.stderr)"
    )
    found = subprocess.run((sys.executable, "-c", code), check=True, capture_output=True, text=True)
    assert found.stderr.split() == ["stratix.cli", "stratix.cli.main"]


def test_unknown_command_is_wrong_usage() -> None:
    assert CliRunner().invoke(cli, ["evalute"]).exit_code == 2
