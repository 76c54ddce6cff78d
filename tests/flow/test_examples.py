"""The examples of the page our users read, run as they stand against a real platform."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

from layerlens import Stratix

SHARED = Path(__file__).parents[2] / "../shared"
EXAMPLES = SHARED / "seed-examples"
SIMPLEQA = SHARED / "data/simpleqa/simple_qa_test_set.csv"
NAMES = sorted(path.name for path in EXAMPLES.glob("*.py"))
WITH_PLACEHOLDERS = [name for name in NAMES if re.search(r'"eval_\w+"', (EXAMPLES / name).read_text())]

pytestmark = pytest.mark.skipif(not NAMES, reason=f"there are no examples in {EXAMPLES}")


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with (
        ScriptedProvider(lambda *_: Reply("Michio Sugeno")) as provider,
        Platform(tmp_path_factory.mktemp("platform"), provider.base_url) as platform,
    ):
        with platform.client() as client:
            benchmark = client.benchmarks.get(type="public", name="simpleQA")[0]
            client.benchmarks.install(benchmark, files=[SIMPLEQA])
        yield platform


@pytest.fixture(scope="module")
def finished(platform):
    """The id of an evaluation with results on more than one page."""
    with platform.client() as client:
        evaluation = client.evaluations.create(
            model=client.models.get(type="public", name="gpt-4o")[0],
            benchmark=client.benchmarks.get(type="public", name="simpleQA")[0],
            limit=120,
        )
        evaluation = client.evaluations.wait_for_completion(evaluation, timeout_seconds=60)
        assert evaluation.is_success
        return evaluation.id


def run(platform: Platform, script: Path) -> str:
    """Run an example as a user does: a process of its own that finds the server by itself."""
    done = subprocess.run(
        (sys.executable, script), env=platform.environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_as_it_stands(platform, name):
    output = run(platform, EXAMPLES / name)
    if name == "01_sync.py":
        assert output.startswith("Results:")
        assert "Michio Sugeno" in output
    elif name == "04_get_by_id_async.py" or name == "06_results.py":
        assert output == "Evaluation not found\n"


@pytest.mark.parametrize("name", WITH_PLACEHOLDERS)
def test_it_runs_with_a_real_id(platform, finished, name, tmp_path):
    script = tmp_path / name
    script.write_text(re.sub(r'"eval_\w+"', f'"{finished}"', (EXAMPLES / name).read_text()))
    output = run(platform, script)
    expected = {
        "04_get_by_id_async.py": f"Found evaluation: {finished}\n",
        "07_all_results.py": "Retrieved 120 total results\n",
        "09_all_results_async.py": "Retrieved 120 total results\n",
    }
    assert output == expected.get(name, "")


def test_the_whole_of_simpleqa_was_evaluated(platform):
    """What the first two examples started has a result for each of its 4,326 questions."""
    with platform.client() as client:
        whole = [e for e in _all(client) if e.prompt_count == 4326]
        assert len(whole) >= 2
        for evaluation in whole:
            assert evaluation.is_success
            assert evaluation.outcomes["correct"] >= 1
            assert sum(evaluation.outcomes.values()) == 4326
            assert evaluation.failed_prompt_count == 0
        results = client.results.get_all(evaluation=whole[0])
        assert len(results) == 4326
        assert len({result.prompt_id for result in results}) == 4326


def _all(client: Stratix):
    return client.evaluations.get_many(page_size=500).evaluations
