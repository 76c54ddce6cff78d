"""What judges write, and the verdict a careful person reads in it; None where there is none to rely on."""

from __future__ import annotations

import time

import pytest

from stratix.scorers import _verdict
from stratix.scorers.rubric import Rubric
from stratix.scorers.simpleqa_judge import parse

WHY = "The reference says Paris and so does the answer."

LETTERS: list[tuple[str, str | None]] = [
    # As asked for.
    (f"{WHY}\nVerdict: A", "A"),
    (f"{WHY}\n\nVerdict: B\n", "B"),
    (f"{WHY}\nVerdict: C", "C"),
    ("Verdict: A", "A"),
    # Nearly so.
    (f"{WHY}\nverdict: a", "A"),
    (f"{WHY}\nVERDICT: B", "B"),
    (f"{WHY}\nVerdict : C", "C"),
    (f"{WHY}\nVerdict - B", "B"),
    (f"{WHY}\nVerdict = B", "B"),
    (f"{WHY}\nVerdict A", "A"),
    (f"{WHY}\nVerdict: A.", "A"),
    (f"{WHY}\nVerdict: (A)", "A"),
    (f"{WHY}\nVerdict: [C]", "C"),
    (f"{WHY}\nVerdict: `B`", "B"),
    (f"{WHY}\n**Verdict: A**", "A"),
    (f"{WHY}\n**Verdict:** A", "A"),
    (f"{WHY}\n**Verdict**: **B**", "B"),
    (f"{WHY}\n*Verdict:* C", "C"),
    (f"{WHY}\n### Verdict: A", "A"),
    (f"{WHY}\n> Verdict: B", "B"),
    (f"{WHY}\n- Verdict: C", "C"),
    (f'{WHY}\n"Verdict: A"', "A"),
    (f"{WHY}\nFinal verdict: B", "B"),
    (f"{WHY}\nMy final verdict is C.", "C"),
    (f"{WHY}\nThe verdict is: A", "A"),
    (f"{WHY}\nGrade: B", "B"),
    (f"{WHY}\nOverall judgment: A", "A"),
    (f"{WHY}\nVerdict:\nA", "A"),
    (f"{WHY}\n\nVerdict:\n\n**C**", "C"),
    (f"{WHY}\nVerdict: \\boxed{{A}}", "A"),
    (f"{WHY}\r\nVerdict: B\r\n", "B"),
    # The letter and its word.
    (f"{WHY}\nVerdict: A (correct)", "A"),
    (f"{WHY}\nVerdict: B: INCORRECT", "B"),
    (f"{WHY}\nVerdict: C - NOT_ATTEMPTED", "C"),
    (f"{WHY}\nVerdict: A, correct", "A"),
    (f"{WHY}\nVerdict: Correct (A)", "A"),
    (f"{WHY}\nVerdict: correct", "A"),
    (f"{WHY}\nVerdict: NOT_ATTEMPTED", "C"),
    (f"{WHY}\nVerdict: not attempted", "C"),
    (f"{WHY}\nVerdict: Incorrect.", "B"),
    # Bare.
    ("A", "A"),
    (" B \n", "B"),
    ("(C)", "C"),
    ("**A**", "A"),
    ("b.", "B"),
    ("INCORRECT", "B"),
    (f"A\n\n{WHY}", "A"),
    (f"{WHY}\n\nC", "C"),
    ("```\nA\n```", "A"),
    # JSON.
    ('{"verdict": "A"}', "A"),
    ('{"verdict": "B", "reasoning": "It says London."}', "B"),
    ('```json\n{"reasoning": "It does not know.", "verdict": "C"}\n```', "C"),
    ('{"grade": "incorrect"}', "B"),
    (f'{WHY}\n{{"verdict": "A"}}', "A"),
    ('{\n  "explanation": "Both are {Paris}.",\n  "verdict": "A"\n}', "A"),
    # Marked beats bare: the judge repeats what the letters mean.
    ("A (correct)\nB (incorrect)\nC (not attempted)\n\nIt says London.\nVerdict: B", "B"),
    ("The model's answer to the question:\nB\nwhich is the reference.\nVerdict: A", "A"),
    # Said twice, the same.
    (f"Verdict: B\n{WHY}\nVerdict: B", "B"),
    (f"Verdict: B\n{WHY}\nFinal verdict: incorrect", "B"),
    # Nothing to be relied on.
    ("", None),
    (" \n\t", None),
    ("I cannot judge this.", None),
    ("I'm sorry, but I can't help with that.", None),
    (WHY, None),
    ("The answer is correct.", None),
    (f"{WHY} So the verdict is A.", None),
    ("A or B", None),
    ("A/B", None),
    ("AB", None),
    ("D", None),
    ("Verdict: D", None),
    ("Verdict:", None),
    ("Verdict: A or C", None),
    ("Verdict: A (incorrect)", None),
    ("Verdict: B = correct", None),
    ("Verdict: partially correct", None),
    ("Verdict: not correct", None),
    ("Verdict: A\nOn second thought\nVerdict: B", None),
    ("Verdict: correct\nGrade: C", None),
    ("A\nB", None),
    ("Correct\nIncorrect\nNot attempted", None),
    ("Verdict: A | B | C", None),
    ("Answer: A", None),
    ("A. Einstein is the reference, and so says the answer.", None),
    ("Grade B", "B"),
    ("Grades: B", None),
    ("5/5", None),
    ('{"verdict": "D"}', None),
    ('{"verdict": ["A"]}', None),
    ('{"verdict": null}', None),
    ('{"verdict": "A", "verdict": "B"}', None),
    ('{"verdict": "A", "grade": "B"}', None),
    ('{"verdict": "A"} but then again\nVerdict: B', None),
    ('{"verdict": "A"', None),
    ('{"reasoning": "It is right."}', None),
    ('{"answer": "A"}', None),
]


def read(reply, parse):
    try:
        return _verdict.read_verdict(reply, parse)[0]
    except _verdict.Unreadable:
        return None


def test_the_table_is_long_enough():
    assert len(LETTERS) >= 60
    assert len({reply for reply, _ in LETTERS}) == len(LETTERS)


@pytest.mark.parametrize(("reply", "verdict"), LETTERS)
def test_letters(reply, verdict):
    assert read(reply, parse) == verdict


GRADES: list[tuple[str, float | None]] = [
    (f"{WHY}\nGrade: 4", 4),
    ("Grade: 1", 1),
    ("**Grade:** 5", 5),
    (f"{WHY}\n\n**Grade: 3**\n", 3),
    ("Final grade: 2.", 2),
    ("My grade is 4", 4),
    ("Score: 4", 4),
    ("Rating: 4/5", 4),
    ("Grade: 4 / 5", 4),
    ("Grade: 4 out of 5", 4),
    ("Grade: 4.0", 4),
    ("Grade: (3)", 3),
    ("Grade: \\boxed{3}", 3),
    ("Grade:\n3", 3),
    ("5", 5),
    ("`2`", 2),
    ("The grade for this is given below.\n4", 4),
    (f"3\n{WHY}", 3),
    ('{"grade": 4}', 4),
    ('{"grade": "4", "reasoning": "A slip."}', 4),
    ('{"verdict": 5}', 5),
    ("It lists 3 cities:\n1\n2\nGrade: 4", 4),
    ("Grade: 6", None),
    ("Grade: 0", None),
    ("Grade: -3", None),
    ("-3", None),
    ("- 3", 3),
    ("Grade: 4.5", None),
    ("Grade: 4/10", None),
    ("Grade: 80%", None),
    ("Grade: four", None),
    ("Grade: 4-5", None),
    ("Grade: 3 or 4", None),
    ("Grade: A", None),
    ("1\n2\n3", None),
    ("Grade: 3\nGrade: 4", None),
    ('{"grade": 9}', None),
    ('{"grade": 4.5}', None),
    ('{"grade": true}', None),
    ('{"grade": NaN}', None),
    ('{"grade": {"value": 4}}', None),
    ("A good answer, I would say 4.", None),
    ("", None),
]


@pytest.mark.parametrize(("reply", "grade"), GRADES)
def test_grades(reply, grade):
    assert read(reply, Rubric().parse) == grade


@pytest.mark.parametrize(
    ("reply", "grade"),
    [("Grade: 0.75", 0.75), ("Grade: 0", 0), ("Grade: 1", 1), ("Grade: 1.01", None), ("Grade: 0.5/1", 0.5)],
)
def test_grades_between_whole_ones(reply, grade):
    assert read(reply, Rubric(lowest=0, highest=1, fractions=True).parse) == grade


def test_the_reasoning_is_everything_else():
    def why(reply):
        return _verdict.read_verdict(reply, parse)[1]

    assert why("It says Lyon.\nThe reference says Paris.\n\n**Verdict:** B") == (
        "It says Lyon. The reference says Paris."
    )
    assert why('```json\n{"reasoning": "It says Lyon.", "verdict": "B"}\n```') == "It says Lyon."
    assert why("Verdict:\nB") == ""
    assert len(why("word " * 10_000 + "\nVerdict: A")) == 2000


@pytest.mark.parametrize(
    "loop", ["Verdict: ", "{", "[", "A (", "the final ", "\\boxed{", "```\n", "A\n", " "]
)
def test_a_judge_in_a_loop_is_read_in_no_time(loop):
    started = time.process_time()
    read(loop * (200_000 // len(loop)), parse)
    read(loop * (200_000 // len(loop)), Rubric().parse)
    assert time.process_time() - started < 1.0
