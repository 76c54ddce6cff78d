"""What there is of a platform, and a try of a model, on the command line."""

from __future__ import annotations

import json

from click.testing import CliRunner
from tests.cli.conftest import Run
from tests.support.platform import Platform

from stratix.cli.main import cli


def test_providers_and_whose_keys_there_are(stratix: Run) -> None:
    text = stratix("providers").stdout
    row = next(line for line in text.splitlines() if "OPENAI_API_KEY" in line)
    assert "OpenAI" in row
    assert " set " in row  # Too short for its end to be shown.
    assert "sk-provider" not in text
    assert "not set" in text
    assert "none needed" in text
    found = json.loads(stratix("providers", "--format", "json").stdout)
    assert {one["key"]: one["has_key"] for one in found}["openai"]


def test_a_key_of_a_provider_is_stored_from_standard_input_and_removed(
    stratix: Run, environment: dict[str, str | None]
) -> None:
    secret = "sk-ant-of-this-test-a1b2"
    arguments = ("providers", "set-key", "anthropic")
    made = CliRunner().invoke(cli, arguments, input=f"{secret}\n", env=environment, prog_name="stratix")
    assert (made.exit_code, made.stdout) == (0, "Anthropic: sk-…a1b2 (project)\n")
    assert secret not in stratix("providers").output
    text = stratix("providers", "remove-key", "anthropic").output
    assert "Anthropic: not set" in text
    assert "has stored no key for Anthropic" in stratix("providers", "remove-key", "anthropic", code=3).output
    bad = CliRunner().invoke(cli, arguments, input="sk-ant and more", env=environment, prog_name="stratix")
    assert bad.exit_code == 2
    assert "sk-ant" not in bad.output


def test_what_is_kept(stratix: Run) -> None:
    text = stratix("storage").stdout
    assert "in SQLite" in text
    assert "custom benchmarks" in text
    found = json.loads(stratix("storage", "--format", "json").stdout)
    assert found["database_bytes"] > 4096
    assert found["rows"]["evaluations"] >= 0


def test_a_model_is_tried(stratix: Run, platform: Platform) -> None:
    result = stratix("models", "try", "gpt-4o", "--prompt", "What is the capital of France?")
    text = result.stdout
    assert "Its answer\nParis" in text
    assert f"Asked at {platform.environment['OPENAI_BASE_URL']}" in text
    assert "note     An answer that should have been cut off" in text
    found = json.loads(stratix("models", "try", "gpt-4o", "--format", "json").stdout)
    assert found["status"] == "done"
    assert len(found["report"]["calls"]) > 3


def test_a_model_that_cannot_be_tried(stratix: Run) -> None:
    assert "gpt-4o" in stratix("models", "try", "gpt-4p", code=3).output
    stratix("models", "try", "gpt-4o", "--prompt", "", code=2)
