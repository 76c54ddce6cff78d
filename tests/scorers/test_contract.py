"""What every scorer of the folder keeps to."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from stratix import scorers
from stratix.scorers import JudgedScorer, Scorer, Target

FILES = sorted(p.stem for p in Path(scorers.__file__).parent.glob("[a-z]*.py") if p.stem != "base")
PLAIN = [name for name in FILES if not scorers.is_judged(name)]  # Judged ones: see test_judged.py.

OPTIONS: dict[str, dict[str, Any]] = {}

ONE = "def check(candidate):\n    assert candidate() == 1"
GOLD = {
    "choice": Target("B", choices=("London", "Paris")),
    "code": Target("    return 1\n", metadata={"prompt": "def one():\n", "entry_point": "one", "test": ONE}),
    "numeric": Target("1,234.5"),
    "ifeval": Target(
        "One.\n***\nTwo.",
        metadata={
            "instruction_id_list": ["length_constraints:number_paragraphs", "punctuation:no_comma"],
            "kwargs": [{"num_paragraphs": 2}, {}],
        },
    ),
    "math": Target(r"x \in [-2, \frac{7}{2})"),
    "json_schema": Target('{"type": "object"}'),
    "json_match": Target('{"city": "Paris"}'),
    "reasoning_gym": Target("abba", metadata={"task": "spell_backward", "entry": {"word": "abba"}}),
}


def test_listing_is_the_folder() -> None:
    assert len(FILES) >= 5
    assert list(scorers.names()) == FILES


@pytest.mark.parametrize("name", FILES)
def test_scorer_keeps_the_contract(name: str) -> None:
    scorer = scorers.load(name)
    assert issubclass(scorer, Scorer | JudgedScorer)
    assert scorer.name == name
    assert scorer.version
    assert inspect.getdoc(scorer)
    assert "Source:" in (scorer.__doc__ or ""), "a scorer names its source"
    assert not inspect.isabstract(scorer)
    parameters = inspect.signature(scorer).parameters.values()
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters)
    assert all(f"{p.name}:" in (scorer.__doc__ or "") for p in parameters), "each option is documented"


@pytest.mark.parametrize("name", FILES)
def test_scorer_is_documented_with_its_options(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs/scorers.md").read_text()
    row = next((line for line in page.splitlines() if line.startswith(f"| `{name}` |")), "")
    assert row, "a line of docs/scorers.md"
    options = inspect.signature(scorers.load(name)).parameters
    assert re.findall(r"`(\w+)`", row.rsplit("|", 2)[1]) == list(options)


@pytest.mark.parametrize("name", PLAIN)
def test_gold_answer_is_right(name: str) -> None:
    if name == "reasoning_gym":
        pytest.importorskip("reasoning_gym", reason="the extra `reasoning` is not installed")
    target = GOLD.get(name, Target("Paris"))
    score = scorers.get(name, **OPTIONS.get(name, {})).score(target.truth, target)
    assert (score.value, score.verdict) == (1.0, "correct")


@pytest.mark.parametrize("name", FILES)
def test_unknown_option_lists_the_known(name: str) -> None:
    with pytest.raises(
        ValueError, match=rf"the scorer '{name}' has no option 'colour'; (its options are|it has none)"
    ):
        scorers.get(name, colour="red")


def test_unknown_scorer_lists_the_known() -> None:
    with pytest.raises(ValueError, match=r"there is no scorer 'guess'; there are: .*exact.*numeric"):
        scorers.get("guess")


def test_bad_value_names_scorer_and_option() -> None:
    with pytest.raises(ValueError, match=r"(?s)the scorer 'numeric' cannot be made.*tolerance"):
        scorers.get("numeric", tolerance="wide")


def test_score_takes_plain_strings() -> None:
    assert scorers.score("numeric", "She makes $18 a day.", "18").verdict == "correct"
    assert scorers.score("exact", "PARIS", "Paris", ignore_case=False).verdict == "incorrect"


def test_getting_one_scorer_imports_no_other() -> None:
    code = "import sys; from stratix import scorers; scorers.get('exact'); print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = set(out.split())
    assert {name for name in FILES if f"stratix.scorers.{name}" in loaded} == {"exact"}
    heavy = {"jsonschema", "math_verify", "numpy", "py3langid", "reasoning_gym", "sacrebleu", "sympy"}
    assert not loaded & heavy


def test_plugin_is_found_by_its_entry_point(tmp_path: Path) -> None:
    (tmp_path / "shouting.py").write_text(
        "from stratix.scorers import Score, Scorer\n"
        "class Shouting(Scorer):\n"
        "    name = 'shouting'\n"
        "    def score(self, answer, target):\n"
        "        return Score.graded(float(answer.isupper()), answer)\n"
    )
    info = tmp_path / "shouting-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[stratix.scorers]\nshouting = shouting:Shouting\n")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from stratix import scorers; "
        "assert 'shouting' in scorers.names(); print(scorers.score('shouting', 'HEY', '').verdict)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert out.stdout == "correct\n", out.stderr


LOOPS = [
    "9,",
    "9 ",
    "1/",
    "the answer is ",
    "answer\n\n",
    "\\boxed{",
    "(A ",
    "A, ",
    "\n",
    " ",
    "> ",
    "*",
    "not ",
    "((",
    "[{",
]


@pytest.mark.parametrize("name", [name for name in PLAIN if not scorers.get(name).blocking])
@pytest.mark.parametrize("loop", LOOPS)
def test_a_model_in_a_loop_does_not_hold_a_scorer(name: str, loop: str) -> None:
    target = GOLD.get(name, Target("Paris"))
    start, used = time.perf_counter(), time.process_time()
    scorers.get(name, **OPTIONS.get(name, {})).score(loop * (40_000 // len(loop)), target)
    assert time.process_time() - used < 1.0
    assert time.perf_counter() - start < 10.0  # Some score in a process of their own.
