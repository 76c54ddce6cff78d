"""Answers to multiple choice as models write them, with the verdict a careful person would give."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratix.scorers import Target
from stratix.scorers.choice import Choice, letter_of

RIGHT, WRONG, NONE = "correct", "incorrect", "unparsed"

OPTION = re.compile(r"^\([A-Z]\) (.+)$", re.MULTILINE)

CITIES = ("London", "Paris", "Rome", "New York")

# The truth is B (Paris) throughout.
CASES = [
    # a letter alone
    ("B", RIGHT),
    ("b", RIGHT),
    ("B.", RIGHT),
    ("(B)", RIGHT),
    ("(b)", RIGHT),
    ("b)", RIGHT),
    ("[B]", RIGHT),
    ("**B**", RIGHT),
    ("`B`", RIGHT),
    ('"B"', RIGHT),
    ("$B$", RIGHT),
    ("\\boxed{B}", RIGHT),
    ("\\boxed{\\text{B}}", RIGHT),
    ("Option B", RIGHT),
    ("Answer: B", RIGHT),
    ("answer: (B)", RIGHT),
    ("A", WRONG),
    ("(C)", WRONG),
    ("d", WRONG),
    # a letter with its text or a reason
    ("B) Paris", RIGHT),
    ("(B) Paris", RIGHT),
    ("B. Paris", RIGHT),
    ("B: Paris", RIGHT),
    ("B - Paris", RIGHT),
    ("B Paris", RIGHT),
    ("**B. Paris**", RIGHT),
    ("B, because Paris is the capital.", RIGHT),
    ("B because London (A) is in England.", RIGHT),
    ("B\n\nParis is the capital of France. London is the capital of England.", RIGHT),
    ("A) London", WRONG),
    ("A is not right, B is.", RIGHT),
    # the text alone
    ("Paris", RIGHT),
    ("paris.", RIGHT),
    ("The capital is Paris.", RIGHT),
    ("It is New York.", WRONG),
    ("The answer is Paris.", RIGHT),
    ("The answer is **Paris**, the capital of France.", RIGHT),
    ("The answer is not London but Paris.", RIGHT),
    # marked in prose
    ("The answer is B.", RIGHT),
    ("The answer is (B).", RIGHT),
    ("So the answer is (B).", RIGHT),
    ("The correct answer is option B.", RIGHT),
    ("The correct answer is:\n\nB) Paris", RIGHT),
    ("**Answer:** (B) Paris", RIGHT),
    ("**Final Answer**\n\nB", RIGHT),
    ("#### B", RIGHT),
    ("The correct option is B.", RIGHT),
    ("I would choose B.", RIGHT),
    ("I'd go with option (B).", RIGHT),
    ("Therefore, B is correct.", RIGHT),
    ("Option B is the best answer.", RIGHT),
    ("A is wrong. C is wrong too. B is the correct one.", RIGHT),
    ("The answer is C, since Paris (B) is not old enough.", WRONG),
    ("The answer is (B), not (A).", RIGHT),
    ("The answer is B rather than C.", RIGHT),
    ("The answer cannot be A. The answer is B.", RIGHT),
    ("First I thought the answer is A. Wait, no. The answer is B.", RIGHT),
    ("(A) London: England.\n(B) Paris: France.\n(C) Rome: Italy.\nSo the answer is (B).", RIGHT),
    ("A) London - no\nB) Paris - yes\nC) Rome - no\n\nAnswer: B", RIGHT),
    ("A: England. B: France. C: Italy.\n\nSo: B", RIGHT),
    ("The question asks for France.\nLondon is in England and Rome is in Italy.\n\nB) Paris", RIGHT),
    ("A careful look at the map shows it must be (B).", RIGHT),
    ("I think it is B.", RIGHT),
    ("The city you are looking for is Paris (B).", RIGHT),
    ("**B) Paris**\n\n**Explanation:** A) London is the capital of England.", RIGHT),
    ("**A) London**\n\n**Explanation:** B) Paris is the capital of France.", WRONG),
    ("The correct answer is B) Paris. A) London is in the UK; C) Rome is in Italy.", RIGHT),
    ("<answer>B</answer>", RIGHT),
    ('{"answer": "B"}', RIGHT),
    ("I believe the correct answer to be B.", RIGHT),
    ("Paris is the capital of France, not London.", RIGHT),
    ("B is the capital of France", RIGHT),
    ("$\\textbf{(B)}$", RIGHT),
    # several, none
    ("A or B", NONE),
    ("A and B", NONE),
    ("A, B", NONE),
    ("A/B", NONE),
    ("Both A and B are correct.", NONE),
    ("The answer is A or B.", NONE),
    ("The answer is (A) and (B).", NONE),
    ("It could be Paris or London.", NONE),
    ("A) London\nB) Paris\nC) Rome\nD) New York", NONE),
    ("I don't know.", NONE),
    ("I am not sure about this question.", NONE),
    ("", NONE),
    ("E", NONE),
    ("The answer is 42.", NONE),
    ("None of the above.", NONE),
]

OTHER_CASES = [
    # numbers and signs as options
    (("3", "5", "-5", "15"), "B", "The answer is 5.", RIGHT),
    (("3", "5", "-5", "15"), "C", "The answer is -5.", RIGHT),
    (("3", "5", "-5", "15"), "B", "It equals 15.", WRONG),
    (("1.5", "5", "0.5", "50%"), "C", "0.5", RIGHT),
    (("1.5", "5", "0.5", "50%"), "D", "50%", RIGHT),
    # options that contain one another
    (("cat", "black cat", "dog", "big black cat"), "B", "It is a black cat.", RIGHT),
    (("cat", "black cat", "dog", "big black cat"), "A", "It is a cat.", RIGHT),
    # articles, pronouns and initials are not labels
    (("a dog", "a cat", "a bird", "a fish"), "D", "A fish lives in water.", RIGHT),
    (("a dog", "a cat", "a bird", "a fish"), "A", "A dog", RIGHT),
    (tuple("qwertyuio"), "C", "I think the answer is (C).", RIGHT),
    (("J. B. Priestley", "T. S. Eliot"), "A", "It was J. B. Priestley.", RIGHT),
    (("vitamin A", "vitamin C", "vitamin D"), "B", "It prevents scurvy: vitamin C.", RIGHT),
    (("vitamin A", "vitamin C", "vitamin D"), "C", "vitamin C", WRONG),
    # no texts known
    ((), "(B)", "So the answer is (B).", RIGHT),
    ((), "(B)", "(B) The quail is the second from the left", RIGHT),
    ((), "(G)", "G", RIGHT),
    ((), "(B)", "I think a bird.", NONE),
    # the truth as text
    (CITIES, "Paris", "B", RIGHT),
    (CITIES, "New York", "(D)", RIGHT),
]


def test_table_is_long_enough() -> None:
    assert len(CASES) + len(OTHER_CASES) >= 60


@pytest.mark.parametrize(("answer", "verdict"), CASES)
def test_verdict(answer: str, verdict: str) -> None:
    assert Choice().score(answer, Target("B", choices=CITIES)).verdict == verdict


@pytest.mark.parametrize(("choices", "truth", "answer", "verdict"), OTHER_CASES)
def test_verdict_elsewhere(choices: tuple[str, ...], truth: str, answer: str, verdict: str) -> None:
    assert Choice().score(answer, Target(truth, choices=choices)).verdict == verdict


def test_truth_is_a_letter_or_a_choice() -> None:
    assert letter_of("(b)") == "B"
    assert letter_of("Rome", CITIES) == "C"
    with pytest.raises(ValueError, match="'Berlin' is neither a letter nor one of the choices"):
        letter_of("Berlin", CITIES)
    with pytest.raises(ValueError, match="neither"):
        letter_of("E", CITIES)


@given(
    st.sampled_from("ABCD"),
    st.sampled_from(
        ["{}", "({})", "{}.", "The answer is {}.", "So the answer is ({}).", "Answer: {}", "{}) text"]
    ),
)
def test_every_letter_in_every_form(letter: str, form: str) -> None:
    for other in "ABCD":
        verdict = Choice().score(form.format(letter), Target(other, choices=CITIES)).verdict
        assert verdict == (RIGHT if letter == other else WRONG)


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    Choice().score(text, Target("B", choices=CITIES))


@pytest.mark.parametrize("task", ["logical_deduction_three_objects", "date_understanding"])
def test_bbh_gold_is_right_and_shuffled_gold_at_chance(task: str) -> None:
    path = Path(__file__).parents[2] / f"../shared/data/bbh/{task}.json"
    if not path.exists():
        pytest.skip("BIG-Bench Hard is not at hand")
    examples = json.loads(path.read_text(encoding="utf-8"))["examples"]
    targets = [Target(row["target"], choices=tuple(OPTION.findall(row["input"]))) for row in examples]
    assert all(len(target.choices) >= 3 for target in targets)
    forms = ["{}", "So the answer is {}.", "Let me think.\nTherefore {} is correct.", "**Answer: {}**"]
    for form in forms:
        assert all(Choice().score(form.format(target.truth), target).value == 1.0 for target in targets)
    for target in targets:
        text = target.choices["ABCDEFGH".index(letter_of(target.truth, target.choices))]
        if target.choices.count(text) == 1:
            assert Choice().score(f"The answer is {text}.", target).value == 1.0
    shuffled = [target.truth for target in targets]
    random.Random(1).shuffle(shuffled)
    chance = sum(gold == target.truth for gold, target in zip(shuffled, targets, strict=True))
    assert (
        sum(Choice().score(gold, target).value for gold, target in zip(shuffled, targets, strict=True))
        == chance
    )
