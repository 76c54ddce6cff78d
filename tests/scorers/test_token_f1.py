"""Token F1 by numbers worked out by hand, in several scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratix.scorers import Target, _overlap
from stratix.scorers.token_f1 import TokenF1, tokens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Nile.", ["the", "nile"]),
        ("it’s snake_case", ["it", "s", "snake", "case"]),
        ("3.5 km", ["3", "5", "km"]),
        ("Straße, Café", ["strasse", "café"]),
        ("東京タワー", ["東", "京", "タ", "ワ", "ー"]),
        ("GPT-4は良い", ["gpt", "4", "は", "良", "い"]),
        ("Москва́ 2020", ["москва", "2020"]),
        ("서울 타워", ["서울", "타워"]),
        ("— … !", []),
    ],
)
def test_tokens(text: str, found: list[str]) -> None:
    assert [token.replace("\u0301", "") for token in tokens(text)] == found


@pytest.mark.parametrize(
    ("answer", "truth", "value"),
    [
        ("the Nile", "Nile", 2 / 3),  # articles count here
        ("NILE!", "nile", 1.0),
        ("river Nile flows", "the river Nile", 2 / 3),
        ("Nile river the", "the river Nile", 1.0),  # order does not
        ("Nile Nile", "the Nile", 0.5),
        ("东京", "东京都", 0.8),
        ("Amazon", "Nile", 0.0),
        ("", "Nile", 0.0),
        ("", "", 1.0),
    ],
)
def test_f1(answer: str, truth: str, value: float) -> None:
    assert TokenF1().score(answer, Target(truth)).value == pytest.approx(value)


def test_precision_and_recall_alone() -> None:
    target = Target("the river Nile")
    assert TokenF1(measure="precision").score("Nile", target).value == 1.0
    assert TokenF1(measure="recall").score("Nile", target).value == pytest.approx(1 / 3)


def test_case_can_count_and_best_alias_does() -> None:
    assert TokenF1(ignore_case=False).score("nile", Target("Nile")).verdict == "incorrect"
    assert TokenF1().score("Aswan", Target("Nile", aliases=("Aswan Dam", "Aswan"))).verdict == "correct"


@given(st.text(), st.text())
def test_bounded_and_symmetric(one: str, other: str) -> None:
    forth, back = (TokenF1().score(a, Target(b)).value for a, b in ((one, other), (other, one)))
    assert 0.0 <= forth == back <= 1.0
    assert TokenF1().score(one, Target(one)).value == 1.0


@given(st.text("abc", max_size=30), st.text("abc", max_size=30))
def test_common_subsequence_is_the_textbook_one(one: str, other: str) -> None:
    row = [0] * (len(other) + 1)
    for letter in one:
        before = row
        row = [0]
        for i, wanted in enumerate(other):
            row.append(before[i] + 1 if letter == wanted else max(before[i + 1], row[i]))
    assert _overlap.common(one, other) == row[-1]
