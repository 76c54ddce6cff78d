"""An evaluation that ends its worker again and again is given up, and the others go on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

_CODE = """
import os
from stratix.scorers import Score, Scorer

class Deadly(Scorer):
    name = "deadly"

    def score(self, answer, target):
        if answer == "die":
            os._exit(3)
        return Score(1.0, "correct", answer) if answer == target.truth else Score(0.0, "incorrect", answer)
"""


def plugin(folder: Path) -> Path:
    """Return a folder that, on the path, is an installed plugin with the scorer `deadly`."""
    info = folder / "deadly-1.dist-info"
    info.mkdir(parents=True)
    (folder / "deadly_scorer.py").write_text(_CODE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: deadly\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[stratix.scorers]\ndeadly = deadly_scorer:Deadly\n")
    return folder


@pytest.fixture
def provider():
    # The fatal answer comes last, so that the others are stored by then.
    def script(asked: str, _times: int) -> Reply:
        return Reply("die", delay=0.4) if asked == "fatal" else Reply(asked, delay=0.02)

    with ScriptedProvider(script) as provider:
        yield provider


@pytest.fixture
def platform(tmp_path, provider, platform_database):
    path = str(plugin(tmp_path / "plugin"))
    with Platform(tmp_path, provider.base_url, platform_database, PYTHONPATH=path) as platform:
        yield platform


def test_an_evaluation_that_ends_its_worker_is_given_up(platform, provider, tmp_path):
    with platform.client() as client:
        model = client.models.get_by_key("gpt-4o")

        def start(name: str, *prompts: str):
            path = tmp_path / f"{name}.jsonl"
            path.write_text("\n".join(json.dumps({"input": text, "truth": text}) for text in prompts))
            made = client.benchmarks.create_custom(
                name=name, file_path=path, task={"scorer": {"name": "deadly"}}
            )
            return client.evaluations.create(model, client.benchmarks.get_by_id(made.benchmark_id))

        bad = start("bad", *map(str, range(8)), "fatal", "last")
        ended = client.evaluations.wait_for_completion(bad, timeout_seconds=90)
        assert ended.status.value == "failure"
        said = ended.status_description
        assert said.startswith("The worker died 5 times in a row while it was working on this, after 9 of 10")
        assert "scorers of plugins" in said
        assert ended.outcomes == {"correct": 9}
        # Once for each death, and one more if the answers before it were still to be stored.
        assert 5 <= provider.asked["fatal"] <= 6
        good = start("good", "1", "2")
        assert client.evaluations.wait_for_completion(good, timeout_seconds=60).accuracy == 1.0
        assert provider.asked["fatal"] <= 6, "nobody asks again for what was given up"
