"""`stratix up` and `stratix demo` as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from tests.cli.conftest import Run
from tests.support.platform import Platform
from tests.support.provider import ScriptedProvider

from stratix.cli import demo as demo_module

STRATIX = (sys.executable, "-m", "stratix.cli.main")


@pytest.fixture
def variables(elsewhere: dict[str, str], provider: ScriptedProvider) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("LAYERLENS_")},
        **elsewhere,
        "STRATIX_PORT": "0",
        "OPENAI_BASE_URL": provider.base_url,
        "OPENAI_API_KEY": "k",
    }


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def wait_for(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_up_says_where_it_is_and_ctrl_c_stops_it(variables: dict[str, str]) -> None:
    process = subprocess.Popen((*STRATIX, "up"), env=variables, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().split()[3]
    assert answers(address)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    rest = process.stdout.read()
    process.stdout.close()
    assert f"{address}/docs" in rest
    assert variables["STRATIX_DATA_DIR"] in rest
    assert variables["STRATIX_CREDENTIALS_FILE"] in rest
    assert "evaluate run --model" in rest
    assert not answers(address)


def test_up_leaves_with_its_parent(variables: dict[str, str]) -> None:
    command = (*STRATIX, "up", "--leave-with-parent", "--format", "json")
    process = subprocess.Popen(
        command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    assert told["credentials_file"] == variables["STRATIX_CREDENTIALS_FILE"]
    assert answers(told["address"])
    process.stdin.close()
    assert process.wait(10) == 0
    process.stdout.close()


def test_up_on_a_taken_port(stratix: Run, elsewhere: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = stratix("up", "--port", port, code=1, **elsewhere)
    assert f"port {port}" in result.stderr
    assert "--port" in result.stderr


def test_up_with_a_wrong_setting(stratix: Run, elsewhere: dict[str, str]) -> None:
    assert "STRATIX_PORT" in stratix("up", code=2, **elsewhere, STRATIX_PORT="many").stderr
    stratix("up", "--workers", "-1", code=2, **elsewhere)


def test_up_with_a_database_that_is_away(elsewhere: dict[str, str]) -> None:
    database = {"STRATIX_DATABASE_URL": "postgresql://127.0.0.1:1/none", "STRATIX_PORT": "0"}
    environment = {**os.environ, **elsewhere, **database}
    done = subprocess.run([*STRATIX, "up"], env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The database is not to be had: ")
    assert "sqlalche" not in done.stderr
    assert "Traceback" not in done.stderr


def test_up_where_nothing_can_be_written(stratix: Run, elsewhere: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = stratix("up", "--data-dir", str(tmp_path / "file" / "data"), code=1, **elsewhere)
    assert "--data-dir" in result.stderr


@pytest.fixture
def _scripted_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the demo ask the scripted endpoint: the local model takes its time."""
    monkeypatch.setattr(demo_module, "MODEL", "gpt-4o")


@pytest.mark.usefixtures("_scripted_model")
def test_demo_starts_a_platform_and_takes_it_along(
    stratix: Run, elsewhere: dict[str, str], provider: ScriptedProvider
) -> None:
    keys = {"OPENAI_BASE_URL": provider.base_url, "OPENAI_API_KEY": "k", "STRATIX_PORT": "0"}
    for _ in range(2):
        result = stratix("demo", **elsewhere, **keys)
        assert "accuracy" in result.stdout
        assert "over 140 answers" in result.stdout
        assert "capitals" in result.stdout
        assert elsewhere["STRATIX_DATA_DIR"] in result.stdout
        assert " up\n" in result.stdout
        assert "140/140" in result.stderr
        stored = json.loads(Path(elsewhere["STRATIX_CREDENTIALS_FILE"]).read_text())
        assert not answers(stored["base_url"].removesuffix("/api/v1"))


@pytest.mark.usefixtures("_scripted_model")
def test_demo_uses_the_platform_that_runs(stratix: Run, platform: Platform) -> None:
    result = stratix("demo", "--format", "json")
    assert json.loads(result.stdout)["progress"]["done"] == 140
    assert platform.address in result.stderr


def test_platform_of_a_killed_demo_dies(variables: dict[str, str], tmp_path: Path) -> None:
    process = subprocess.Popen((*STRATIX, "demo"), env=variables, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    wait_for((tmp_path / "credentials.json").exists, 30)
    stored = json.loads((tmp_path / "credentials.json").read_text())
    address = stored["base_url"].removesuffix("/api/v1")
    wait_for(lambda: answers(address))
    process.kill()
    process.wait()
    process.stderr.close()
    wait_for(lambda: not answers(address))
