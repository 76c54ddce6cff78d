"""Answers to BIG-Bench Hard as models write them, with the verdict a careful person would give."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratix.scorers import Target
from stratix.scorers.bbh import Bbh

OPTION = re.compile(r"^\([A-Z]\) (.+)$", re.MULTILINE)

RIGHT, WRONG, NONE = "correct", "incorrect", "unparsed"

CASES = [
    # multiple choice
    ("(B)", "So the answer is (B).", RIGHT),
    ("(B)", "So the answer is (B)", RIGHT),
    ("(B)", "Let's think step by step. The falcon is right of the jay. So the answer is (B).", RIGHT),
    ("(B)", "so the answer is B.", RIGHT),
    ("(B)", "The answer is (A).", WRONG),
    ("(B)", "(B) The quail is the second from the left", RIGHT),
    ("(B)", "**(B)**", RIGHT),
    ("(B)", "It is either (A) or (B).", NONE),
    ("(B)", "The birds are on a branch.", NONE),
    # yes or no
    ("Yes", "So the answer is Yes.", RIGHT),
    ("yes", "So the answer is yes.", RIGHT),
    ("No", "So the answer is No.", RIGHT),
    ("No", "no", RIGHT),
    ("No", "No.", RIGHT),
    ("No", "**No**", RIGHT),
    ("No", "No, the black wire alone would not have done it.", RIGHT),
    ("Yes", "Yes - both wires touched it.", RIGHT),
    ("Yes", "Yes it did.", RIGHT),
    ("No", "Yes, it did.", WRONG),
    ("No", "We face north, then go 3 back.\nFinal answer: No", RIGHT),
    ("Yes", "Position: (0, 0). We are back at the start.\n\nYes", RIGHT),
    ("No", "At first one may say yes. But the steps do not add up.\nSo the answer is no.", RIGHT),
    (
        "no",
        "Elias Lindholm plays hockey, and a buzzer beater is from basketball. So the answer is no.",
        RIGHT,
    ),
    ("Yes", "\\boxed{\\text{Yes}}", RIGHT),
    ("Yes", "It might be yes or no.", NONE),
    ("Yes", "I cannot tell.", NONE),
    ("No", "Nobody knows.", NONE),
    # true or false
    ("False", "not True is False. False and True is False. So the answer is False.", RIGHT),
    ("True", "not ( False ) and True = True and True = True", RIGHT),
    ("False", "True and not True\n= True and False\n= False", RIGHT),
    ("True", "True", RIGHT),
    ("True", "`True`", RIGHT),
    ("True", "False or True evaluates to True.", RIGHT),
    ("False", "True and False is False.", RIGHT),
    ("False", "True and False is True.", WRONG),
    ("False", "The answer is not True.", RIGHT),
    ("True", "The result is false.", WRONG),
    # valid or invalid
    ("valid", "So the answer is valid.", RIGHT),
    ("invalid", "The argument is not valid.", RIGHT),
    ("invalid", "The argument is invalid.", RIGHT),
    ("valid", "The argument is invalid.", WRONG),
    ("valid", "Premise 1 holds.\nPremise 2 holds.\nHence the argument is deductively valid.", RIGHT),
    ("invalid", "Invalid.", RIGHT),
    # numbers
    ("8", "So the answer is 8.", RIGHT),
    ("8", "flute (1), piano (2), ... trumpet (8). You have 8 musical instruments.", RIGHT),
    ("8", "eight", RIGHT),
    ("8", "7", WRONG),
    ("-50", "(-5 - 5) * 5 = -10 * 5 = -50. So the answer is -50.", RIGHT),
    ("-50", "So the answer is 50.", WRONG),
    ("8", "I have many things.", NONE),
    # lists of words
    ("syndrome therefrom", "syndrome therefrom", RIGHT),
    ("syndrome therefrom", "So the answer is syndrome therefrom.", RIGHT),
    ("barn damp dot", "barn, damp, dot", RIGHT),
    ("barn damp dot", "barn, damp, and dot.", RIGHT),
    ("barn damp dot", "1. barn\n2. damp\n3. dot", RIGHT),
    ("barn damp dot", "Here is the sorted list:\n\n- barn\n- damp\n- dot", RIGHT),
    ("barn damp dot", "Sorted: barn damp dot", RIGHT),
    ("barn damp dot", "**barn damp dot**", RIGHT),
    ("barn damp dot", "The first letters are b, d, d.\n\nbarn\ndamp\ndot", RIGHT),
    ("barn damp dot", "Sorted list:\n1. Barn\n2. Damp\n3. Dot\n\nI hope this helps!", RIGHT),
    ("barn damp dot", "barn, dot, damp", WRONG),
    ("barn damp dot", "barn, damp", WRONG),
    ("guru it&t malton", "guru it&t malton", RIGHT),
    ("and barn dot", "and, barn, dot", RIGHT),
    # brackets
    ("} ]", "So the answer is } ].", RIGHT),
    ("} ]", "}]", RIGHT),
    ("} ]", "] }", WRONG),
    ("> ) ]", "> ) ]", RIGHT),
    ("> ) ]", "The stack holds three. Answer:\n> ) ]", RIGHT),
    ("} ]", "I do not know.", NONE),
]


def test_table_is_long_enough() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(("truth", "answer", "verdict"), CASES)
def test_verdict(truth: str, answer: str, verdict: str) -> None:
    assert Bbh().score(answer, Target(truth)).verdict == verdict


def test_other_truths_are_compared_as_texts() -> None:
    assert Bbh().score("So the answer is Tuesday.", Target("Tuesday")).verdict == RIGHT
    assert Bbh().score("I count on.\ntuesday", Target("Tuesday")).verdict == RIGHT
    assert Bbh().score("So the answer is Monday.", Target("Tuesday")).verdict == WRONG


@given(
    st.text(max_size=200), st.sampled_from(["(B)", "Yes", "True", "invalid", "8", "a b c", "} ]", "Tuesday"])
)
def test_no_text_breaks_it(text: str, truth: str) -> None:
    Bbh().score(text, Target(truth))


def tasks() -> list[Path]:
    return sorted((Path(__file__).parents[2] / "../shared/data/bbh").glob("*.json"))


STEPS = "Let's think step by step.\nThis takes 3 steps.\n"
FORMS = [
    "{}",
    "So the answer is {}.",
    STEPS + "So the answer is {}.",
    STEPS + "So the answer is: {}",
    STEPS + "Therefore, the answer is **{}**.",
    STEPS + "Thus the correct answer is {}.",
    STEPS + "The final answer is {}\n\nI hope this helps!",
    STEPS + "**Answer:** {}",
    STEPS + "**Final answer: {}**",
    STEPS + "Final Answer\n\n{}",
    STEPS + "### Answer\n{}",
    STEPS + "\\boxed{{{}}}",
    STEPS + "So the answer is {}.\n\nQ: What else is there?\nA: Let's think.",
]


@pytest.mark.skipif(not tasks(), reason="BIG-Bench Hard is not at hand")
@pytest.mark.parametrize("path", tasks(), ids=lambda path: path.stem)
def test_gold_is_right_and_shuffled_gold_at_chance(path: Path) -> None:
    examples = json.loads(path.read_text(encoding="utf-8"))["examples"]
    targets = [Target(row["target"], choices=tuple(OPTION.findall(row["input"]))) for row in examples]
    for target in targets:
        for form in FORMS:
            assert Bbh().score(form.format(target.truth), target).verdict == RIGHT
    shuffled = [target.truth for target in targets]
    random.Random(1).shuffle(shuffled)
    chance = sum(gold == target.truth for gold, target in zip(shuffled, targets, strict=True))
    assert (
        sum(Bbh().score(gold, target).value for gold, target in zip(shuffled, targets, strict=True)) == chance
    )
