"""Each check finds what it is there for, and nothing else."""

from __future__ import annotations

import pytest

from stratix.benchmarks.base import Prompt, Task
from stratix.benchmarks.install import version_of
from stratix.benchmarks.verify import Finding, Judge, Verifier
from stratix.catalogue import Example

TASK = Task(template='{input}\n{choices}\nEnd with a line that reads "Answer: " followed by the answer.')


def exact(prompt: Prompt, answer: str) -> float:
    return float(answer == prompt.truth)


def verify(
    *prompts: Prompt, judge: Judge | None = exact, task: Task = TASK, **expected: object
) -> dict[str, Finding]:
    verifier = Verifier(task, judge)
    verifier.add(prompts)
    given = {"version": version_of(task, prompts), **expected}
    return {finding.check: finding for finding in verifier.findings(**given)}


def prompt(number: int, text: str = "", truth: str = "", **more: object) -> Prompt:
    return Prompt(str(number), text or f"question {number}", truth or f"truth {number}", **more)


def test_a_sound_benchmark_passes() -> None:
    found = verify(*map(prompt, range(20)), counts=[20])
    assert {finding.status for finding in found.values()} == {"ok"}
    verifier = Verifier(TASK, exact)
    verifier.add([prompt(n) for n in range(20)])
    assert (verifier.truth_accuracy, verifier.shuffled_accuracy) == (1.0, 0.0)


def test_a_changed_prompt_or_task_is_found() -> None:
    version = version_of(TASK, [prompt(1)])
    assert verify(prompt(1), version=version)["hash"].status == "ok"
    assert verify(prompt(1, truth="other"), version=version)["hash"].status == "problem"
    assert verify(prompt(1), version=version, task=Task())["hash"].status == "problem"
    assert verify(prompt(1), version=None)["hash"].status == "not checked"


@pytest.mark.parametrize(
    ("counts", "subsets", "status"),
    [
        ([], [], "ok"),
        ([2], [], "ok"),
        ([3, 2], [], "note"),
        ([3], [], "problem"),
        ([1], [], "problem"),
        ([3], ["a", "b"], "note"),
        ([3], ["a"], "problem"),
    ],
)
def test_counts(counts: list[int], subsets: list[str], status: str) -> None:
    found = verify(prompt(1, subset="a"), prompt(2, subset="a"), counts=counts, subsets=subsets)
    assert (found["count"].status, found["count"].count) == (status, 2)


def test_duplicates_and_contradictions() -> None:
    same, other = prompt(2, "question 1", "truth 1"), prompt(3, "question 1", "another")
    found = verify(prompt(1), same, other, prompt(4))
    assert (found["duplicates"].status, found["duplicates"].examples) == ("note", ["2", "3"])
    assert found["contradictions"].examples == ["3: 'truth 1' and 'another'"]
    choices = [prompt(n, "which?", "A", choices=(str(n), "x")) for n in (1, 2)]
    assert verify(*choices)["duplicates"].status == "ok"


def test_empty_truths() -> None:
    found = verify(prompt(1), Prompt("2", "q", " "))
    assert (found["empty truths"].status, found["empty truths"].examples) == ("problem", ["2"])
    none = verify(Prompt("1", "q", ""), Prompt("2", "r", ""))
    assert (none["empty truths"].status, none["truths"].status) == ("not checked", "not checked")


def test_truths_that_the_scorer_refuses() -> None:
    def strict(prompt: Prompt, answer: str) -> float:
        if prompt.id == "2":
            raise ValueError("no such letter")
        return 0.5 if prompt.id == "3" else 1.0

    found = verify(*map(prompt, range(8)), judge=strict)["truths"]
    assert (found.status, found.count) == ("problem", 2)
    assert found.examples == ["2: 'truth 2': ValueError: no such letter", "3: 'truth 3' scores 0.50"]
    assert verify(prompt(1), judge=None)["truths"].status == "not checked"


def test_a_scorer_that_takes_everything_shows() -> None:
    verifier = Verifier(TASK, lambda prompt, answer: 1.0)
    verifier.add([prompt(n) for n in range(300)])
    assert verifier.shuffled_accuracy == 1.0


SOLUTION = "def add(first, second):\n    total = first + second\n    return total\n" * 2


@pytest.mark.parametrize(
    ("text", "truth", "check"),
    [
        ("What is it? (The answer is Paris.)", "Paris", "leaks"),
        ("What is it? Answer: Paris", "Paris", "leaks"),
        ("What is it?\n#### 18", "18", "leaks"),
        (f"Write add.\n{SOLUTION}", SOLUTION, "leaks"),
        ("Is it Paris or Rome?", "Paris", "truth in the question"),
        ("Is it Parisian?", "Paris", ""),
        ("Answer a question. Answer: Parisian", "Paris", ""),
        ("Which letter?", "A", ""),
    ],
)
def test_leaks(text: str, truth: str, check: str) -> None:
    found = verify(prompt(1, text, truth))
    assert [name for name, finding in found.items() if finding.status != "ok"] == [check] * bool(check)
    assert found["leaks"].status == ("problem" if check == "leaks" else "ok")


def test_a_text_to_read_may_hold_its_answer() -> None:
    task = Task(template="{passage}\n{input}")
    reading = prompt(1, "Where?", "Paris", metadata={"passage": "Answer: Paris"})
    assert verify(reading, task=task)["leaks"].status == "ok"
    told = prompt(1, "Where? Answer: Paris", "Paris", metadata={"passage": "He was in Paris."})
    assert verify(told, task=task)["leaks"].status == "problem"


def test_a_question_after_its_own_answer_is_found() -> None:
    shown = {
        "law": (Example(input="Who  judges?", truth="A", choices=("a judge", "a cook")),),
        "": (Example(input="question 3", truth="9"),),
    }
    task = Task(template="{input}\n{choices}", examples=shown)
    asked = "who judges?"
    found = verify(
        prompt(1, asked, "B", subset="law", choices=("a cook", "a judge")),
        prompt(2, asked, "B", subset="law", choices=("a cook", "a king")),  # another question
        prompt(3, subset="art"),
        prompt(4, asked, "B", subset="art", choices=("a cook", "a judge")),  # not shown before it
        task=task,
    )["worked examples"]
    assert (found.status, found.count, found.examples) == ("problem", 2, ["1", "3"])
    assert verify(prompt(5), task=task)["worked examples"].status == "ok"
    assert "worked examples" not in verify(prompt(5))
