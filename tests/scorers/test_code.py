"""Programs as models write them, with the verdict a careful person would give."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest

from stratix import scorers
from stratix.scorers import Target
from stratix.scorers._sandbox import SandboxUnavailable
from stratix.scorers.code import Code

RIGHT, WRONG, NONE = "correct", "incorrect", "unparsed"


def runs() -> bool:
    try:
        return Code().score("x = 1", Target("", metadata={"test": "assert x == 1"})).value == 1.0
    except SandboxUnavailable:
        return False


pytestmark = pytest.mark.skipif(not runs(), reason="this kernel permits no namespaces")

PROMPT = '''from typing import List


def half(n: int) -> int:
    """Return half of an even number."""
    return n // 2


def halves(numbers: List[int]) -> List[int]:
    """Return half of each even number, in order.
    >>> halves([1, 2, 4])
    [1, 2]
    """
'''
TEST = """
def check(candidate):
    assert candidate([1, 2, 4]) == [1, 2]
    assert candidate([]) == []
    assert candidate([3]) == []
"""
TARGET = Target(
    "    return [half(n) for n in numbers if n % 2 == 0]\n",
    metadata={"prompt": PROMPT, "test": TEST, "entry_point": "halves"},
)

BODY = "    return [half(n) for n in numbers if n % 2 == 0]"
LOOP = """    found = []
    for n in numbers:
        if n % 2 == 0:
            found.append(n // 2)
    return found"""
FULL = f"def halves(numbers: List[int]) -> List[int]:\n{LOOP}"
PLAIN = f"def halves(numbers):\n{BODY}"
BAD = "def halves(numbers):\n    return numbers"


def fence(code: str, language: str = "python") -> str:
    return f"```{language}\n{code}\n```"


def dedented(code: str) -> str:
    return "\n".join(line.removeprefix("    ") for line in code.splitlines())


CASES = [
    # continuations of the prompt
    (BODY, RIGHT),
    (BODY + "\n", RIGHT),
    ("\n" + BODY, RIGHT),
    (LOOP, RIGHT),
    (BODY.strip(), RIGHT),
    (LOOP.lstrip(), RIGHT),
    (dedented(LOOP), RIGHT),
    ("    # keep the even ones\n" + BODY, RIGHT),
    (BODY + "\n\n\ndef other(x):\n    return x", RIGHT),
    (BODY + "\n\n\nprint(halves([2", RIGHT),
    (BODY + "\n\n\nif __name__ == '__main__':\n    print(halves([2]))\n    input()", RIGHT),
    (BODY + "\n\n# Test it\nprint(halves([2]))", RIGHT),
    (BODY + "\n\nclass Unfinished", RIGHT),
    ("    return numbers", WRONG),
    ("    pass", WRONG),
    ("    return [half(n) for n in numbers", WRONG),
    ("    raise NotImplementedError", WRONG),
    # whole functions
    (FULL, RIGHT),
    (PLAIN, RIGHT),
    (PROMPT + BODY, RIGHT),
    ("from typing import List\n\n" + FULL, RIGHT),
    ("Here is the function:\n\n" + FULL, RIGHT),
    ("Here is the function:\n\n" + FULL + "\n\nIt keeps the even numbers and halves them.", RIGHT),
    (FULL + "\n\nassert halves([2]) == [1]", RIGHT),
    (FULL + "\n\nprint(halves([2]))", RIGHT),
    ("halves = lambda numbers: [n // 2 for n in numbers if n % 2 == 0]", RIGHT),
    (BAD, WRONG),
    ("def other(numbers):\n" + BODY, WRONG),
    ("def halves(numbers)\n" + BODY, WRONG),
    # fenced
    (fence(FULL), RIGHT),
    (fence(FULL, ""), RIGHT),
    (fence(FULL, "py"), RIGHT),
    (fence(FULL, "Python"), RIGHT),
    (fence(FULL, "python3"), RIGHT),
    (fence(PROMPT + BODY), RIGHT),
    (fence(BODY), RIGHT),
    (fence(BODY.strip()), RIGHT),
    (fence(dedented(LOOP)), RIGHT),
    ("Sure! Here it is:\n\n" + fence(FULL) + "\n\nThis runs in O(n).", RIGHT),
    (f"```python\n{FULL}", RIGHT),
    ("First install nothing:\n" + fence("pip install nothing", "bash") + "\nThen:\n" + fence(FULL), RIGHT),
    (fence(FULL) + "\nUse it so:\n" + fence("print(halves([2, 4]))"), RIGHT),
    (fence(FULL) + "\nIt prints:\n" + fence("[1, 2]", "text"), RIGHT),
    (fence(BAD) + "\nThat forgets to halve. Corrected:\n" + fence(FULL), RIGHT),
    (fence(FULL) + "\nOr, shorter:\n" + fence(BAD), WRONG),
    (fence(FULL + "\n\nif __name__ == '__main__':\n    import sys\n    sys.exit(1)"), RIGHT),
    (
        "1. Write:\n\n   ```python\n" + "\n".join("   " + line for line in FULL.splitlines()) + "\n   ```",
        RIGHT,
    ),
    (fence("import math\n\n" + FULL), RIGHT),
    (
        fence(
            "def hlp(n):\n    return n // 2\n\ndef halves(m):\n    return [hlp(n) for n in m if n % 2 == 0]"
        ),
        RIGHT,
    ),
    (fence(f'def halves(numbers):\n    """Halve."""\n{BODY}'), RIGHT),
    (fence(BAD), WRONG),
    (fence("def halves(numbers):\n    return [n / 2 for n in numbers if n % 2]"), WRONG),
    (fence("def halves(numbers:\n    return"), WRONG),
    (fence("import numpy\n" + FULL), WRONG),
    (fence("function halves(numbers) { return numbers; }", "javascript"), WRONG),
    (fence("class Solution:\n    def halves(self, numbers):\n        return numbers"), WRONG),
    # harm and mischief
    (fence("import sys\nsys.exit(0)\n" + FULL), WRONG),
    (fence("def halves(numbers):\n    exit(0)"), WRONG),
    (fence("def halves(numbers):\n    import os\n    os._exit(0)"), WRONG),
    (fence("def halves(numbers):\n    return bytearray(10 << 30)"), WRONG),
    (fence("def halves(numbers):\n    return open('/etc/passwd').read()"), WRONG),
    # no code
    ("I cannot help with that.", NONE),
    ("The function should keep the even numbers and halve each of them.", NONE),
    ("", NONE),
    ("[1, 2]", WRONG),
]


def test_table_is_long_enough() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(("answer", "verdict"), CASES)
def test_verdict(answer: str, verdict: str) -> None:
    score = Code().score(answer, TARGET)
    assert score.verdict == verdict, f"{score.explanation}\n{score.extracted}"


def test_endless_answer_is_stopped() -> None:
    score = Code(seconds=1.0).score("    while True: pass", TARGET)
    assert (score.verdict, score.explanation) == (WRONG, "stopped after 1 s")


def test_explanation_tells_what_failed() -> None:
    score = Code().score("    return undefined", TARGET)
    assert score.explanation == "NameError: name 'undefined' is not defined"
    assert score.extracted is not None
    assert score.extracted.endswith("return undefined\n")


def test_tests_without_an_entry_point_run_as_they_stand() -> None:
    target = Target("", metadata={"test": "assert double(2) == 4"})
    assert Code().score(fence("def double(x):\n    return 2 * x"), target).verdict == RIGHT
    assert Code().score("def double(x):\n    return 2 * x\n\nThat is all.", target).verdict == RIGHT
    assert Code().score(fence("def double(x):\n    return x"), target).verdict == WRONG


def test_only_the_environment_can_allow_running_unisolated(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="no option 'allow_unisolated'"):
        scorers.get("code", allow_unisolated=True)
    monkeypatch.setattr(sys, "platform", "plan9")
    with pytest.raises(SandboxUnavailable, match="STRATIX_ALLOW_UNISOLATED_CODE=1"):
        Code().score(BODY, TARGET)
    monkeypatch.setenv("STRATIX_ALLOW_UNISOLATED_CODE", "1")
    assert Code().score(BODY, TARGET).verdict == RIGHT


def test_row_without_tests_is_an_error() -> None:
    with pytest.raises(ValueError, match="no `test`"):
        Code().score("x = 1", Target("x = 1"))


def humaneval() -> list[dict[str, str]]:
    path = Path(__file__).parents[2] / "../shared/data/humaneval/HumanEval.jsonl.gz"
    if not path.exists():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


# Every eighth task, and those whose prompts hold helpers that the solution calls.
SAMPLE = [task for n, task in enumerate(humaneval()) if n % 8 == 0 or n in (32, 38, 50)]


@pytest.mark.skipif(not SAMPLE, reason="HumanEval is not at hand")
@pytest.mark.parametrize("task", SAMPLE, ids=lambda task: task["task_id"])
def test_humaneval_gold_passes_and_an_empty_function_does_not(task: dict[str, str]) -> None:
    target = Target(task["canonical_solution"], metadata=task)
    whole = task["prompt"] + task["canonical_solution"]
    assert Code().score(task["canonical_solution"], target).verdict == RIGHT
    assert Code().score(f"Here you are:\n\n{fence(whole)}", target).verdict == RIGHT
    assert Code().score("    pass", target).verdict == WRONG
