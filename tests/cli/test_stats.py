"""`stratix stats`: without a server, and with an exit code that says whether the claims hold."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result

from stratix.analysis import selftest
from stratix.analysis.selftest import CLAIMS, Claim
from stratix.cli.main import cli


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["stats", *arguments])


def test_selftest_shows_each_claim() -> None:
    result = run("selftest", "--runs", "500", "--format", "json")
    assert result.exit_code == 0, result.stderr
    rows = json.loads(result.stdout)
    assert [(row["method"], row["setting"]) for row in rows] == [
        (claim.method, claim.setting) for claim in CLAIMS
    ]
    assert all(row["kept"] and row["runs"] == 500 for row in rows)
    assert f"{len(CLAIMS)} of {len(CLAIMS)} claims hold in 500 runs each" in result.stderr


def test_selftest_fails_with_a_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Claim("guess", "heads or tails", "covers", lambda rng: rng.random() < 0.5)
    monkeypatch.setattr(selftest, "CLAIMS", (CLAIMS[0], broken))
    result = run("selftest", "--runs", "500")
    assert result.exit_code == 1
    assert "BROKEN" in next(line for line in result.stdout.splitlines() if "guess" in line)
    assert "BROKEN" not in next(line for line in result.stdout.splitlines() if "wilson" in line)
    assert "1 of 2 claims hold" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "prompts", "difference"),
    [
        (("--difference", "0.03", "--discordance", "0.2"), 1_742, 0.03),
        (("--difference", "0.05", "--rate", "0.8"), 1_094, 0.05),
        (("--difference", "0.1", "--bar", "0.5"), 194, 0.1),
        (("--prompts", "400", "--deviation", "1", "--power", "0.9"), 400, 3.2415 / 20),
        (("--prompts", "3", "--discordance", "0.1"), 3, None),
    ],
)
def test_power(arguments: tuple[str, ...], prompts: int, difference: float | None) -> None:
    found = json.loads(run("power", *arguments, "--format", "json").stdout)
    assert found["prompts"] == prompts
    assert found["difference"] == (difference and pytest.approx(difference, rel=1e-4))


def test_power_for_people() -> None:
    assert "1,742" in run("power", "--difference", "0.03", "--discordance", "0.2").stdout
    assert "show no difference" in run("power", "--prompts", "3", "--discordance", "0.1").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--difference", "0.1"), "Say what is compared"),
        (("--difference", "0.1", "--rate", "0.5", "--bar", "0.5"), "Say what is compared"),
        (("--rate", "0.5"), "either --difference or --prompts"),
        (("--rate", "0.5", "--difference", "0.1", "--prompts", "9"), "either --difference or --prompts"),
        (("--discordance", "0.2", "--difference", "0.3"), "at most 0.2, not 0.3"),
        (("--rate", "80", "--difference", "0.1"), "0<=x<=1"),
        (("--rate", "0.8", "--difference", "0.1", "--power", "0.1"), "0.5<=x<1"),
    ],
)
def test_wrong_usage_says_what_is_missing(arguments: tuple[str, ...], message: str) -> None:
    result = run("power", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_what_serves_loads_no_science() -> None:
    code = (
        "import sys, stratix.app, stratix.cli.stats;"
        "print(*sorted({'numpy', 'scipy', 'statsmodels', 'pandas'} & set(sys.modules)))"
    )
    found = subprocess.run((sys.executable, "-c", code), check=True, capture_output=True, text=True)
    assert found.stdout.split() == []
