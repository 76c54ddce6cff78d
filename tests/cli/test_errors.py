"""Expected failures: one line that says what to do, and the exit code that goes with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.support.platform import Platform, free_port


def test_no_credentials(stratix: Run, elsewhere: dict[str, str]) -> None:
    result = stratix("models", "list", code=4, **elsewhere)
    assert result.stdout == ""
    assert "stratix up" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_server_not_reachable(stratix: Run, elsewhere: dict[str, str]) -> None:
    address = f"http://127.0.0.1:{free_port()}/api/v1"
    variables = {"LAYERLENS_STRATIX_BASE_URL": address, "LAYERLENS_STRATIX_API_KEY": "k"}
    result = stratix("models", "list", code=4, **elsewhere, **variables)
    assert "could not be reached" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_refused_key(stratix: Run, platform: Platform) -> None:
    variables = {
        "LAYERLENS_STRATIX_BASE_URL": f"{platform.address}/api/v1",
        "LAYERLENS_STRATIX_API_KEY": "no",
    }
    assert "LAYERLENS_STRATIX_API_KEY" in stratix("evaluate", "list", code=4, **variables).stderr


def test_address_without_the_path_of_the_api(stratix: Run, platform: Platform) -> None:
    variables = {"LAYERLENS_STRATIX_BASE_URL": platform.address, "LAYERLENS_STRATIX_API_KEY": "k"}
    result = stratix("models", "list", code=3, **variables)
    assert "There is nothing at" in result.stderr


@pytest.mark.parametrize("address", ["nonsense", "ftp://host/api"])
def test_wrong_address(stratix: Run, address: str) -> None:
    variables = {"LAYERLENS_STRATIX_BASE_URL": address, "LAYERLENS_STRATIX_API_KEY": "k"}
    assert address in stratix("models", "list", code=2, **variables).stderr


def test_rejected_request(stratix: Run) -> None:
    listed = stratix(
        "models", "list", "--type", "public", "--company", "anthropic", "--format", "json"
    ).stdout
    command = ("evaluate", "run", "--model", json.loads(listed)[0]["key"], "--benchmark", "first-steps")
    assert "ANTHROPIC_API_KEY" in stratix(*command, code=5).stderr


@pytest.mark.parametrize(
    "command",
    [
        ("evaluate", "run", "--model", "gpt-4o"),
        ("evaluate", "run", "--model", "m", "--benchmark", "b", "--limit", "0"),
        ("evaluate", "list", "--status", "done"),
        ("results", "show", "x", "--format", "yaml"),
        ("benchmarks", "create", "--name", "n", "--file", "not-there.jsonl"),
    ],
)
def test_wrong_usage(stratix: Run, command: tuple[str, ...]) -> None:
    result = stratix(*command, code=2)
    assert "Usage:" in result.stderr
    assert "--help" in result.stderr


def test_broken_credentials_file(stratix: Run, tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    path.write_text("{")
    assert str(path) in stratix("models", "list", code=4, STRATIX_CREDENTIALS_FILE=str(path)).stderr


def test_unknown_ids(stratix: Run) -> None:
    for verb in ("get", "cancel"):
        assert "evaluate list" in stratix("evaluate", verb, "none", code=3).stderr
    stratix("evaluate", "get", "..", code=2)
