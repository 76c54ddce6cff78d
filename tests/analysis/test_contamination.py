"""Runs of words that an answer shares with what the model was not shown."""

from __future__ import annotations

import random

import pytest

from stratix.analysis.contamination import Run, shared_run, text_of, words


def test_words_have_neither_case_nor_punctuation() -> None:
    assert words("The QUICK, “brown”\nfox—jumps! ﬁne") == ["the", "quick", "brown", "fox", "jumps", "fine"]
    assert words("日本語 12.5%") == ["日本語", "12", "5"]


@pytest.mark.parametrize(
    ("answer", "source", "given", "found"),
    [
        ("x a b c d y", "a b c d e", "", Run(1, 4)),
        ("x a b c y", "a b c d e", "", Run(1, 3)),
        ("a b x c d", "a b c d", "", None),
        ("a b c a b c d", "a b c d", "", Run(3, 4)),
        ("", "a b c", "", None),
        ("a b c", "", "", None),
        # What the prompt says itself is no sign, but what goes on from there is.
        ("a b c d", "a b c d", "z a b c d z", None),
        ("a b c d e f", "a b c d e f", "a b c d", Run(2, 4)),
        ("a a a a a a", "a a a a", "", Run(0, 4)),
    ],
)
def test_the_longest_run_is_found(answer: str, source: str, given: str, found: Run | None) -> None:
    assert shared_run(answer.split(), source.split(), given.split(), 3) == found


def test_a_run_has_a_word() -> None:
    with pytest.raises(ValueError, match="at least 1 word"):
        shared_run(["a"], ["a"], [], 0)


def test_it_finds_what_trying_all_finds() -> None:
    rng = random.Random(7)
    for _ in range(300):
        answer, source = ([rng.choice("abcdefgh") for _ in range(rng.randrange(30))] for _ in range(2))
        held = [
            length
            for start in range(len(answer))
            for length in range(3, len(answer) - start + 1)
            if any(
                source[at : at + length] == answer[start : start + length]
                for at in range(len(source) - length + 1)
            )
        ]
        run = shared_run(answer, source, [], 3)
        assert (run is None) == (not held)
        if run is not None:
            # A lower bound where words come again; never more than there is.
            assert 3 <= run.length <= max(held)


def test_all_that_a_prompt_says() -> None:
    messages = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": [{"text": "there"}]}]
    assert words(text_of(messages)) == ["hello", "there"]
    assert text_of("as it is") == "as it is"
    assert words(text_of({"question": "Why?", "n": 3, "options": ["a", "b"]})) == ["why", "a", "b"]
