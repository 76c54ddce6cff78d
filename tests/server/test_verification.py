"""Verifying over HTTP: what is sound passes, and what was spoilt or made badly is named."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from layerlens.models import BenchmarkVerification, StatusEnvelope, VerificationProgress
from stratix.catalogue import public_benchmark_by_key
from stratix.storage import benchmarks
from stratix.storage.tables import prompts


def verify(us: Any, benchmark_id: str) -> BenchmarkVerification:
    answer = us.post(f"{us.project}/benchmarks/{benchmark_id}/verify", {})
    return StatusEnvelope[BenchmarkVerification].model_validate(answer).data


def problems(found: BenchmarkVerification) -> dict[str, list[str]]:
    return {finding.check: finding.examples for finding in found.findings if finding.status == "problem"}


def test_a_public_benchmark_is_what_was_installed_until_somebody_spoils_it(us: Any) -> None:
    entry = public_benchmark_by_key("first-steps")
    assert entry is not None
    us.post(f"{us.project}/benchmarks/{entry.id}/install", {})
    sound = verify(us, entry.id)
    assert (sound.passed, sound.prompt_count, sound.truth_accuracy) == (True, 140, 1.0)
    assert sound.shuffled_accuracy is not None
    assert sound.shuffled_accuracy < 0.1
    assert problems(sound) == {}

    async def spoil(connection: Any, truth: str) -> None:
        version = await benchmarks.latest_version(connection, entry.id)
        assert version is not None
        await connection.execute(
            update(prompts)
            .where(prompts.c.version_id == version.id, prompts.c.prompt_id == "capitals-01")
            .values(truth=truth)
        )

    us.server.write(lambda connection: spoil(connection, " "))
    try:
        spoilt = verify(us, entry.id)
    finally:
        us.server.write(lambda connection: spoil(connection, "Paris"))
    assert not spoilt.passed
    assert problems(spoilt) == {"hash": [], "empty truths": ["capitals-01"]}
    assert verify(us, entry.id).passed


def test_a_benchmark_is_verified_in_the_background(us: Any) -> None:
    rows = [{"input": "Capital of France? The answer is Paris.", "truth": "Paris"}]
    path = f"{us.project}/benchmarks/{us.benchmark([*rows, {'input': 'b', 'truth': 'c'}])}"
    assert us.get(f"{path}/verify")["data"]["status"] == "none"
    begun = us.post(f"{path}/verify", {"wait": False})["data"]
    assert (begun["status"], begun["prompts_total"], begun["report"]) == ("running", 2, None)
    deadline = time.monotonic() + 20
    while (now := VerificationProgress.model_validate(us.get(f"{path}/verify")["data"])).status == "running":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (now.status, now.prompts_done) == ("done", 2)
    assert now.report is not None
    assert problems(now.report) == {"leaks": ["1: its text says that the answer is 'Paris'"]}
    assert now.ended_at == pytest.approx(time.time(), abs=60)


def test_subsets_that_were_not_imported_are_a_note(us: Any) -> None:
    path = Path(__file__).parents[2] / "../shared/data/bbh/navigate.json"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    entry = public_benchmark_by_key("bbh")
    assert entry is not None
    file = us.upload(path.read_bytes(), path.name)
    us.post(f"{us.project}/benchmarks/{entry.id}/install", {"files": [file]})
    found = verify(us, entry.id)
    assert found.passed
    by_check = {finding.check: finding for finding in found.findings}
    assert by_check["count"].status == "note"
    assert by_check["count"].message.endswith("6,511: 26 of 27 subsets were not imported")


def test_a_custom_benchmark_that_gives_its_answers_away(us: Any) -> None:
    rows = [
        {"input": "Capital of France? The answer is Paris.", "truth": "Paris"},
        {"input": "Capital of Italy?", "truth": "Rome"},
        {"input": "Capital of Italy?", "truth": "Rome"},
    ]
    found = verify(us, us.benchmark(rows))
    assert problems(found) == {"leaks": ["1: its text says that the answer is 'Paris'"]}
    by_check = {finding.check: finding for finding in found.findings}
    assert (by_check["duplicates"].status, by_check["duplicates"].count) == ("note", 1)
    assert by_check["hash"].status == "not checked"


def test_what_cannot_be_verified(us: Any) -> None:
    entry = public_benchmark_by_key("mmlu")
    assert entry is not None
    answer = us.http.post(f"{us.project}/benchmarks/{entry.id}/verify")
    assert answer.status_code == 409
    assert "stratix benchmarks install mmlu" in answer.json()["error"]["message"]
    assert us.http.post(f"{us.project}/benchmarks/none/verify").status_code == 404
