"""Answers that follow an instruction, and answers that do not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stratix.scorers import Target
from stratix.scorers._instructions import INSTRUCTIONS, follows, sentences
from stratix.scorers.ifeval import Ifeval

GERMAN = "Der schnelle braune Fuchs springt über den faulen Hund, und niemand sieht ihm dabei zu."
HINDI = "यह हिन्दी में लिखा गया एक वाक्य है जो काफी लंबा है।"
NEPALI = "यो नेपाली भाषामा लेखिएको एउटा लामो वाक्य हो जसलाई सबैले बुझ्छन्।"
ENGLISH = "The quick brown fox jumps over the lazy dog while nobody looks."

CASES: list[tuple[str, dict[str, Any], str, bool]] = [
    ("keywords:existence", {"keywords": ["fox", "Dog"]}, "A Fox and a dog.", True),
    ("keywords:existence", {"keywords": ["fox", "cat"]}, "A Fox and a dog.", False),
    ("keywords:existence", {"keywords": ["correlated", "experiencing"]}, "CORRELATED; experiencing", True),
    ("keywords:frequency", {"keyword": "fox", "frequency": 2, "relation": "at least"}, "fox, Fox", True),
    ("keywords:frequency", {"keyword": "fox", "frequency": 3, "relation": "at least"}, "fox, Fox", False),
    ("keywords:frequency", {"keyword": "fox", "frequency": 2, "relation": "less than"}, "one fox", True),
    ("keywords:frequency", {"keyword": "fox", "frequency": 2, "relation": "less than"}, "fox fox", False),
    ("keywords:forbidden_words", {"forbidden_words": ["art"]}, "A party it was.", True),
    ("keywords:forbidden_words", {"forbidden_words": ["art"]}, "Art it was.", False),
    ("keywords:forbidden_words", {"forbidden_words": ["c++", "at all"]}, "Not in C++.", False),
    (
        "keywords:letter_frequency",
        {"letter": "a", "let_frequency": 3, "let_relation": "at least"},
        "BaNana",
        True,
    ),
    (
        "keywords:letter_frequency",
        {"letter": "a", "let_frequency": 3, "let_relation": "less than"},
        "Aa",
        True,
    ),
    (
        "keywords:letter_frequency",
        {"letter": "#", "let_frequency": 4, "let_relation": "at least"},
        "###",
        False,
    ),
    ("language:response_language", {"language": "de"}, GERMAN, True),
    ("language:response_language", {"language": "de"}, ENGLISH, False),
    ("language:response_language", {"language": "hi"}, HINDI, True),
    ("language:response_language", {"language": "hi"}, NEPALI, False),
    ("language:response_language", {"language": "ne"}, NEPALI, True),
    ("language:response_language", {"language": "en"}, "Hello!", True),
    ("language:response_language", {"language": "th"}, "สวัสดี", True),
    ("language:response_language", {"language": "ru"}, "สวัสดี", False),
    ("change_case:english_capital", {}, ENGLISH.upper(), True),
    ("change_case:english_capital", {}, ENGLISH.upper() + " no.", False),
    ("change_case:english_capital", {}, GERMAN.upper(), False),
    ("change_case:english_lowercase", {}, ENGLISH.lower(), True),
    ("change_case:english_lowercase", {}, ENGLISH, False),
    ("change_case:english_lowercase", {}, GERMAN.lower(), False),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 3, "capital_relation": "at least"},
        "NASA and the WELL-KNOWN agency's I.",
        True,
    ),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "less than"},
        "NASA's and ESA's budgets",
        False,
    ),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 3, "relation": "at least"},
        "A b. C d! E f?",
        True,
    ),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 3, "relation": "less than"},
        "A b. C d! E?",
        False,
    ),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 2, "relation": "less than"},
        "Dr. J. Smith paid $3.50 at 5 p.m. to Mr. Lee.",
        True,
    ),
    (
        "length_constraints:number_words",
        {"num_words": 4, "relation": "at least"},
        "one two, three-four",
        True,
    ),
    (
        "length_constraints:number_words",
        {"num_words": 4, "relation": "less than"},
        "one two three four",
        False,
    ),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "One.\n***\nTwo.", True),
    (
        "length_constraints:number_paragraphs",
        {"num_paragraphs": 2},
        "***\nOne.\n\nStill one.\n***\nTwo.\n***",
        True,
    ),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "One.\n\nTwo.", False),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "One.\n***\n\n***\nTwo.", False),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Weekend"},
        "First.\n\n“weekend,” they said.",
        True,
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "weekend"},
        "First.\n\nWeekends are short.",
        False,
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 3, "nth_paragraph": 2, "first_word": "weekend"},
        "First.\n\nWeekend.",
        False,
    ),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, "Dear [name], of [address].", True),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}, "Dear [name], x[] y.", False),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Bye.\nP.S. Call me.", True),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Bye.\np. s. Call me.", True),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, "Bye.\n\n**P.P.S.** Call me.", True),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, "Bye.\nP.S. Call me.", False),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Bye. Psychology helps.", False),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "Here:\n* one\n- two", True),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "* one\n  * two\n* three", False),
    ("detectable_format:number_bullet_lists", {"num_bullets": 1}, "**Bold**\n---\n* one", True),
    ("detectable_format:constrained_response", {}, "My answer is maybe.", True),
    ("detectable_format:constrained_response", {}, "My answer is perhaps.", False),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, "*one* and **two**", True),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, "*one* and ** **", False),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "SECTION", "num_sections": 2},
        "SECTION 1\nOne.\nSECTION 2\nTwo.",
        True,
    ),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Day", "num_sections": 2},
        "Day 1: we went. On a sunny Day we came back.",
        False,
    ),
    ("detectable_format:json_format", {}, '{"a": [1, 2]}', True),
    ("detectable_format:json_format", {}, '```json\n{"a": 1}\n```', True),
    ("detectable_format:json_format", {}, 'Here it is: {"a": 1}', False),
    ("detectable_format:title", {}, "<<Ode to Joy>>\nJoy!", True),
    ("detectable_format:title", {}, "<< >>\nJoy!", False),
    ("detectable_format:title", {}, "<Ode to Joy>\nJoy!", False),
    ("combination:two_responses", {}, "One.\n******\nTwo.", True),
    ("combination:two_responses", {}, "One.\n******\nOne.", False),
    ("combination:two_responses", {}, "One.\n******\nTwo.\n******\nThree.", False),
    (
        "combination:repeat_prompt",
        {"prompt_to_repeat": "Write a poem."},
        "write a poem. Roses are red.",
        True,
    ),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Write a poem."}, "Sure! Write a poem.", False),
    ("startend:end_checker", {"end_phrase": "Any questions?"}, 'I said so. any questions?"', True),
    ("startend:end_checker", {"end_phrase": "Any questions?"}, "Any questions? No.", False),
    ("startend:quotation", {}, ' "All of it." ', True),
    ("startend:quotation", {}, 'He said "all of it"', False),
    ("punctuation:no_comma", {}, "Well; no pause.", True),
    ("punctuation:no_comma", {}, "Well, a pause.", False),
]


def test_table_is_long_enough_and_covers_every_instruction() -> None:
    assert len(CASES) >= 60
    for name in INSTRUCTIONS:
        assert {followed for case, _, _, followed in CASES if case == name} == {True, False}


@pytest.mark.parametrize(("name", "arguments", "answer", "followed"), CASES)
def test_verdict(name: str, arguments: dict[str, Any], answer: str, followed: bool) -> None:
    target = Target("", metadata={"instruction_id_list": [name], "kwargs": [arguments]})
    score = Ifeval().score(answer, target)
    assert score.verdict == ("correct" if followed else "incorrect")
    assert score.explanation.startswith(f"{int(followed)} of 1 ")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        ("One", 1),
        ("One. Two", 2),
        ("Is it? Yes! Good.", 3),
        ('He said "Go." Then he went.', 2),
        ("It costs 3.5 euros.", 1),
        ("1. First thing.\n2. Second thing.", 2),
        ("Fruits, e.g. apples, are good.", 1),
        ("We met at 5 p.m.", 1),
        ("Wait... what?!", 2),
        ("これは文です。二つ目です。", 2),
    ],
)
def test_sentences(text: str, number: int) -> None:
    assert sentences(text) == number


def target(*instructions: tuple[str, dict[str, Any]]) -> Target:
    return Target(
        "",
        metadata={
            "instruction_id_list": [name for name, _ in instructions],
            "kwargs": [arguments for _, arguments in instructions],
        },
    )


def test_prompt_is_right_only_if_all_is_followed_and_the_rest_is_told() -> None:
    both = target(("punctuation:no_comma", {}), ("startend:quotation", {}))
    assert Ifeval().score('"No pause."', both).verdict == "correct"
    score = Ifeval().score("No pause.", both)
    assert (score.verdict, score.value) == ("incorrect", 0.0)
    assert score.explanation == "1 of 2 instructions followed (strict); not startend:quotation"


def test_loose_forgives_an_opening_a_closing_and_emphasis() -> None:
    quoted = target(("startend:quotation", {}))
    answer = 'Sure, here it is:\n**"No pause."**\nHope it helps!'
    assert Ifeval().score(answer, quoted).verdict == "incorrect"
    assert Ifeval(mode="loose").score(answer, quoted).verdict == "correct"
    assert Ifeval(mode="loose").score("Nothing.", quoted).verdict == "incorrect"


def test_an_empty_answer_follows_nothing() -> None:
    assert Ifeval().score(" ", target(("punctuation:no_comma", {}))).verdict == "incorrect"
    assert Ifeval(mode="loose").score("", target(("punctuation:no_comma", {}))).verdict == "incorrect"


def test_arguments_that_are_null_are_left_out() -> None:
    row = target(("punctuation:no_comma", {"num_words": None, "relation": None}))
    assert Ifeval().score("Fine.", row).verdict == "correct"


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({}, "no `instruction_id_list`"),
        (
            {"instruction_id_list": ["a:b"], "kwargs": [{}]},
            "no instruction 'a:b'; there are: keywords:existence",
        ),
        (
            {"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}, {}]},
            "1 instructions need as many",
        ),
        (
            {"instruction_id_list": ["startend:end_checker"], "kwargs": [{"phrase": "x"}]},
            "startend:end_checker takes other arguments",
        ),
        (
            {
                "instruction_id_list": ["length_constraints:number_words"],
                "kwargs": [{"num_words": 3, "relation": "over"}],
            },
            "a relation is 'at least' or 'less than', not 'over'",
        ),
    ],
)
def test_bad_rows_are_errors(metadata: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Ifeval().score("Fine.", Target("", metadata=metadata))


ARGUMENTS = {name: arguments for name, arguments, _, _ in CASES}


@given(st.text(max_size=200), st.sampled_from(sorted(INSTRUCTIONS)))
def test_no_text_breaks_it(text: str, name: str) -> None:
    assert follows(name, ARGUMENTS[name], text) in (True, False)
