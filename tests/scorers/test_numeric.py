"""Numeric answers as models write them, with the verdict a careful person would give."""

from __future__ import annotations

import json
import random
import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratix.scorers import Target
from stratix.scorers.numeric import Numeric, extract

RIGHT, WRONG, NONE = "correct", "incorrect", "unparsed"

CASES = [
    # plain
    ("18", "18", RIGHT),
    ("18.", "18", RIGHT),
    ("18.0", "18", RIGHT),
    ("  18\n", "18", RIGHT),
    ("17", "18", WRONG),
    ("180", "18", WRONG),
    ("1.8", "18", WRONG),
    ("-18", "18", WRONG),
    ("-5", "-5", RIGHT),
    ("\u22125", "-5", RIGHT),
    (".5", "0.5", RIGHT),
    # currency, units, separators
    ("$18", "18", RIGHT),
    ("$18.00", "18", RIGHT),
    ("18 dollars", "18", RIGHT),
    ("18 eggs per day", "18", RIGHT),
    ("$1,800", "1800", RIGHT),
    ("1,800,000", "1800000", RIGHT),
    ("1.800,50 \u20ac", "1800.5", RIGHT),
    ("US$ 1,250.75", "1250.75", RIGHT),
    ("\u20b91,00,000", "100000", RIGHT),
    ("1'000'000", "1000000", RIGHT),
    ("12\u202f500 km", "12500", RIGHT),
    ("-$40", "-40", RIGHT),
    ("$-40", "-40", RIGHT),
    ("70000", "70,000", RIGHT),
    ("80k", "80000", RIGHT),
    ("$2.5M", "2500000", RIGHT),
    ("2 million", "2000000", RIGHT),
    ("about 3.2 thousand", "3200", RIGHT),
    ("2 dozen", "24", RIGHT),
    # fractions, percent, powers
    ("3/4", "0.75", RIGHT),
    ("1 1/2 cups", "1.5", RIGHT),
    ("1\u00bd", "1.5", RIGHT),
    ("\\frac{3}{4}", "0.75", RIGHT),
    ("$\\dfrac{1}{3}$", "1/3", RIGHT),
    ("0.3333333", "1/3", RIGHT),
    ("0.3", "1/3", WRONG),
    ("42%", "42", RIGHT),
    ("42%", "0.42", RIGHT),
    ("42", "42%", RIGHT),
    ("42 percent", "42", RIGHT),
    ("0.42", "42", WRONG),
    ("3.2e5", "320000", RIGHT),
    ("3.2 \u00d7 10^5", "320000", RIGHT),
    ("$6.02 \\times 10^{23}$", "6.02e23", RIGHT),
    ("10\u2076", "1000000", RIGHT),
    ("2^10", "1024", RIGHT),
    ("1.5e-3", "0.0015", RIGHT),
    # words
    ("eighteen", "18", RIGHT),
    ("The answer is twenty-five.", "25", RIGHT),
    ("two hundred and fifty-six", "256", RIGHT),
    ("She has three left.", "4", WRONG),
    ("The answer is minus three.", "-3", RIGHT),
    ("The answer is negative 3.", "-3", RIGHT),
    ("The temperature is minus 3 degrees.", "-3", RIGHT),
    ("Five minus three is two.", "-3", WRONG),
    ("The area is $12\\text{ cm}^2$.", "12", RIGHT),
    ("The area is 12 cm^2.", "12", RIGHT),
    ("The area is 12 m\u00b2.", "12", RIGHT),
    ("It takes 10-12 days.", "12", RIGHT),
    # marked answers
    ("The answer is 18.", "18", RIGHT),
    ("16 - 3 - 4 = 9\n9 * 2 = 18\n#### 18", "18", RIGHT),
    ("#### $18", "18", RIGHT),
    ("#### 18 dollars a day, for 7 days", "18", RIGHT),
    ("#### 18\n\nI hope this helps! Ask me anything, 24 hours a day.", "18", RIGHT),
    ("9 * 2 = 18\nA: 18", "18", RIGHT),
    ("**Answer:** 18", "18", RIGHT),
    ("**Final Answer**\n\n18", "18", RIGHT),
    ("### Final Answer:\n$18$ per day", "18", RIGHT),
    ("\\boxed{18}", "18", RIGHT),
    ("So she makes $\\boxed{\\$18}$ each day, and $126 in 7 days.", "18", RIGHT),
    ("\\[\\boxed{1{,}800}\\]", "1800", RIGHT),
    ("\\boxed{18\\text{ dollars}}", "18", RIGHT),
    ("\\boxed{\\frac{7}{2}}", "3.5", RIGHT),
    ("Therefore, the final answer is: **$18**", "18", RIGHT),
    ("The answer to the question of how much she makes is 18.", "18", RIGHT),
    ("The answer is 3 + 4 = 7.", "7", RIGHT),
    ("The answer is x = 5.", "5", RIGHT),
    ("The answer is the sum of 3 and 4, which is 7.", "7", RIGHT),
    ("The answer is 18 because 9 * 2 = 18 and 16 - 7 = 9.", "18", RIGHT),
    ("The answer is approximately 3.14.", "3.14", RIGHT),
    # an equation that goes on after the mark, and what only looks like one
    ("The answer is 6 times 2 is 12.", "12", RIGHT),
    ("The answer is 6 times 2 is 12.", "6", WRONG),
    ("The answer is 6 apples times 2 is 12 apples.", "12", RIGHT),
    ("The answer is 20% of 50, which is 10.", "10", RIGHT),
    ("The answer is 10, which is 20% of 50.", "10", RIGHT),
    ("The answer is 5 x 3 = 15 - 2 = 13.", "13", RIGHT),
    ("The answer is 5 x 3 = 15, and then 15 - 2 = 13.", "13", RIGHT),
    ("The answer is $5 plus $3, which makes $8.", "8", RIGHT),
    ("The answer is 3 apples and 4 pears = 7 fruits.", "7", RIGHT),
    ("The answer is 2 * (3 + 4) = 14.", "14", RIGHT),
    ("The answer is 16-7=9.", "9", RIGHT),
    ("The answer is 3 hours * 40 miles per hour = 120 miles.", "120", RIGHT),
    ("The answer is 10 divided by 4, or 2.5.", "2.5", RIGHT),
    ("The answer is 3 more than 4, so 7.", "7", RIGHT),
    ("\\boxed{4 \\times 5 = 20}", "20", RIGHT),
    ("A: 3 times 6 gives 18", "18", RIGHT),
    ("The answer is 18 = 9 * 2.", "18", RIGHT),
    ("The answer is 18 and the remainder is 2.", "18", RIGHT),
    ("The answer is 18 dollars for 9 eggs at 2 dollars.", "18", RIGHT),
    ("The answer is 18 - that is 9 times 2.", "18", RIGHT),
    ("The answer is 18 per day, so 126 per week.", "18", RIGHT),
    ("The answer is 7, 3 more than 4.", "7", RIGHT),
    ("The answer is 100 - 20 - 30 = 50, not 60.", "50", RIGHT),
    ("The answer is 17. Checking again: 9 * 2 = 18.", "18", WRONG),
    ("The answer is 17. Wait, 9 * 2 is 18, so the answer is 18.", "18", RIGHT),
    ("The answer is 17. Wait, I made a mistake. 9 * 2 = 18", "18", RIGHT),
    ("#### 18\n\nQuestion: Tom has 3 apples and buys 2. How many?\n#### 5", "18", RIGHT),
    ("#### 18\n\nQ: How many legs have 4 dogs?\nA: 16", "18", RIGHT),
    ("#### Step 3: Multiply\n9 * 2 = 18", "18", RIGHT),
    # nothing marked
    ("She sells 9 eggs for $2 each, so she makes 9 * 2 = <<9*2=18>>18 dollars.", "18", RIGHT),
    ("Janet makes **$18** every day over 7 days.", "18", RIGHT),
    ("First, **16** eggs. After breakfast 13 are left, after baking 9. In all $18.", "18", RIGHT),
    ("1. She has 16 eggs.\n2. She uses 7.\n3. She sells 9 for $18", "18", RIGHT),
    ("She makes $18 on the 2nd day.", "18", RIGHT),
    ("The options are 10,20,30", "30", RIGHT),
    ("16-7 = 9, then 9*2...18", "18", RIGHT),
    ("It is 9 * 2 = 16", "18", WRONG),
    ("the total cost is $64 ($24 + $40)", "64", RIGHT),
    ("The result is (3 + 4)", "4", RIGHT),
    ("It takes 3 hours and 30 minutes, i.e. 3.5 hours.", "3.5", RIGHT),
    ("Therefore, the number of days is 12/3 = 4 days.", "4", RIGHT),
    ("**Total: 1,250 apples**\n\nLet me know if you have 2 more questions!", "1250", RIGHT),
    ("The answer is between 5 and 7, so 6.", "6", RIGHT),
    # nothing there
    ("I cannot answer that.", "18", NONE),
    ("The answer depends on the price.", "18", NONE),
    ("", "18", NONE),
    ("Water is H2O.", "2", NONE),
    ("9" * 5000, "9", NONE),
]


def test_table_is_long_enough() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(("answer", "truth", "verdict"), CASES)
def test_verdict(answer: str, truth: str, verdict: str) -> None:
    assert Numeric().score(answer, Target(truth)).verdict == verdict


def test_tolerance_is_absolute_and_relative() -> None:
    assert Numeric().score("3.1416", Target("3.14159265")).verdict == WRONG
    assert Numeric(tolerance=0.001).score("3.1416", Target("3.14159265")).verdict == RIGHT
    assert Numeric(relative_tolerance=0.01).score("1005", Target("1000")).verdict == RIGHT
    assert Numeric(relative_tolerance=0.01).score("1015", Target("1000")).verdict == WRONG


def test_aliases_are_accepted() -> None:
    assert Numeric().score("7", Target("6", aliases=("7",))).verdict == RIGHT


def test_truth_without_a_number_is_an_error() -> None:
    with pytest.raises(ValueError, match="'many' has no number"):
        Numeric().score("7", Target("many"))


def test_extracted_is_the_number() -> None:
    assert Numeric().score("It is $1,800.50 then.", Target("18")).extracted == "1800.5"


@given(
    st.integers(-(10**12), 10**12),
    st.sampled_from(["{}", "{:,}", "The answer is {}.", "#### {:,}", "\\boxed{{{}}}"]),
)
def test_integers_survive_every_form(value: int, form: str) -> None:
    number = extract(form.format(value))
    assert number is not None
    assert number.value == value


@given(
    st.decimals(0, 10**6, places=3, allow_nan=False), st.sampled_from(["{}", "${}", "{} km", "Answer: {}"])
)
def test_decimals_survive_every_form(value: object, form: str) -> None:
    number = extract(form.format(value))
    assert number is not None
    assert number.value == Fraction(str(value))


@given(st.text(alphabet="0123456789.,$%/^-+eE=(){}\\# \nxkK#Aanswer:is*", max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    extract(text)


@pytest.fixture(scope="module")
def solutions() -> list[str]:
    path = Path(__file__).parents[2] / "../shared/data/gsm8k/test.jsonl"
    if not path.exists():
        pytest.skip("the GSM8K test set is not at hand")
    return [json.loads(line)["answer"] for line in path.read_text(encoding="utf-8").splitlines()]


def test_gsm8k_last_equation_behind_the_mark(solutions: list[str]) -> None:
    """The last calculation of each solution, said as a sentence: "The answer is 9 times 2 is 18."."""
    told = {"*": " times ", "/": " divided by ", "+": " plus ", "-": " minus "}
    agreed = []
    for solution in solutions:
        notes = re.findall(r"<<([^<>=]+)=([^<>=]+)>>", solution)
        if not notes or not re.fullmatch(r"[\d.+*/-]+", notes[-1][0]) or notes[-1][0].startswith("-"):
            continue
        words = re.sub(r"[-+*/]", lambda sign: told[sign[0]], notes[-1][0])
        for answer in (
            f"The answer is {words} is {notes[-1][1]}.",
            f"A: {notes[-1][0]} = {notes[-1][1]}",
        ):
            agreed.append(Numeric().score(answer, Target(notes[-1][1])).verdict == RIGHT)
            agreed.append(Numeric().score(answer, Target(notes[-1][1] + "1")).verdict == WRONG)
    assert len(agreed) > 4000
    assert sum(agreed) >= 0.995 * len(agreed)


def gold(solution: str) -> str:
    return solution.rsplit("#### ", 1)[1]


def reason(solution: str) -> str:
    return solution.rsplit("####", 1)[0]


FORMS = {
    "the solution itself": lambda reason, n: f"{reason}#### {n}",
    "A: N": lambda reason, n: f"{reason}A: {n}",
    "with separators": lambda reason, n: f"{reason}#### {int(n):,}",
    "dollars": lambda reason, n: f"{reason}The answer is ${int(n):,}.00.",
    "trailing words": lambda reason, n: f"{reason}#### {n} in all, counted over 365 days.",
    "boxed": lambda reason, n: f"{reason}So the final answer is $\\boxed{{{n}}}$.",
    "bold at the end": lambda reason, n: f"{reason}So it is **{n}** in all.",
    "number alone": lambda reason, n: n,
    "a sentence alone": lambda reason, n: f"{reason}That makes {n} in total.",
}


@pytest.mark.parametrize("form", FORMS)
def test_gsm8k_gold_is_right_in_every_form(solutions: list[str], form: str) -> None:
    scorer = Numeric()
    verdicts = []
    for solution in solutions:
        number = gold(solution).replace(",", "")
        answer = FORMS[form](reason(solution), number)
        verdicts.append(scorer.score(answer, Target(solution)).verdict == RIGHT)
    assert sum(verdicts) == len(solutions)


@pytest.mark.parametrize("form", FORMS)
def test_gsm8k_wrong_last_line_is_wrong(solutions: list[str], form: str) -> None:
    scorer = Numeric()
    for solution in solutions:
        number = str(int(gold(solution).replace(",", "")) + 1)
        answer = FORMS[form](reason(solution), number)
        assert scorer.score(answer, Target(solution)).verdict == WRONG


def test_gsm8k_shuffled_gold_is_at_chance(solutions: list[str]) -> None:
    shuffled = solutions.copy()
    random.Random(1).shuffle(shuffled)
    chance = sum(gold(a) == gold(b) for a, b in zip(solutions, shuffled, strict=True))
    right = sum(Numeric().score(a, Target(b)).value for a, b in zip(shuffled, solutions, strict=True))
    assert right == chance < 0.05 * len(solutions)
