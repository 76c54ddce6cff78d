"""Readability against Flesch's formula worked out by hand."""

from __future__ import annotations

import pytest

from stratix import metrics


def ease(words: int, sentences: int, syllables: int) -> float:
    return (206.835 - 1.015 * words / sentences - 84.6 * syllables / words) / 100


@pytest.mark.parametrize(
    ("text", "words", "sentences", "syllables"),
    [
        # win-ter, morn-ing, won-der-ful, chil-dren
        ("The winter morning was wonderful for the children in town.", 10, 1, 15),
        # in-for-ma-tion
        ("He had information. It was information.", 6, 2, 12),
    ],
)
def test_it_is_the_published_formula(text: str, words: int, sentences: int, syllables: int) -> None:
    assert metrics.get("readability").measure([text]) == [
        pytest.approx(ease(words, sentences, syllables), abs=0.0002)
    ]


def test_easy_plain_and_hard_english_come_in_order() -> None:
    easy = "The cat sat on the mat. It was a good day. The sun was warm. He ran to the shop."
    plain = (
        "The council will close the bridge on Monday for repairs. Drivers should take the northern road, "
        "which takes about ten minutes longer. Buses will stop at the old market instead."
    )
    hard = (
        "Notwithstanding the aforementioned considerations, the interdisciplinary characterisation of "
        "organisational accountability necessitates comprehensive methodological differentiation."
    )
    values = metrics.get("readability").measure([easy, plain, hard])
    assert values[0] == 1.0  # above 100 on Flesch's scale
    assert values[2] == 0.0  # below 0
    assert values[1] is not None
    assert 0.5 < values[1] < 0.9


@pytest.mark.parametrize("text", ["", "42", "3.14, 2.71", "日本語のテキスト", "Привет, мир", "---"])
def test_what_is_not_written_in_english_letters_has_no_value(text: str) -> None:
    assert metrics.get("readability").measure([text]) == [None]


def test_another_language_set_elsewhere_does_not_matter() -> None:
    import textstat

    before = metrics.get("readability").measure(["The winter morning was very cold."])
    textstat.set_lang("de")
    try:
        assert metrics.get("readability").measure(["The winter morning was very cold."]) == before
    finally:
        textstat.set_lang("en_US")
