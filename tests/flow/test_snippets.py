"""Every Python snippet of the README and the documentation, run as it stands against a real platform.

The quickstart's evaluates the local model, so this is also where a real language model is tested.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider

ROOT = Path(__file__).parents[2]
SIMPLEQA = ROOT / "../shared/data/simpleqa/simple_qa_test_set.csv"
FENCED = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SNIPPETS = {
    f"{page.relative_to(ROOT)}:{number}": code
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for number, code in enumerate(FENCED.findall(page.read_text()), start=1)
}


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    folder = tmp_path_factory.mktemp("platform")
    # The rows that docs/benchmarks.md shows.
    (folder / "questions.jsonl").write_text(
        '{"input": "What is the capital of France?", "truth": "Paris", "subset": "capitals"}\n'
        '{"input": "What is 7 + 5?", "truth": "12", "subset": "arithmetic"}\n'
    )
    with (
        ScriptedProvider(lambda *_: Reply("Paris")) as provider,
        Platform(folder, provider.base_url) as platform,
    ):
        if SIMPLEQA.exists():
            with platform.client() as client:
                client.benchmarks.install(client.benchmarks.get_by_key("simpleqa"), files=[SIMPLEQA])
        yield platform


@pytest.mark.parametrize("where", SNIPPETS)
def test_the_snippet_runs(platform, where):
    if "simpleqa" in SNIPPETS[where].lower() and not SIMPLEQA.exists():
        pytest.skip(f"SimpleQA is not at {SIMPLEQA}")
    done = subprocess.run(
        (sys.executable, "-c", SNIPPETS[where]),
        env=platform.environment,
        cwd=platform.folder,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    if where.startswith("docs/quickstart.md"):
        found = re.fullmatch(r"success: accuracy ([\d.]+)%\n", done.stdout)
        assert found is not None, done.stdout
        assert 20 < float(found[1]) < 80


def test_there_are_snippets():
    assert len(SNIPPETS) >= 5
