"""Toxicity: what its model is known to say, through the package's own door."""

from __future__ import annotations

import pytest

from stratix import metrics


def test_it_is_what_the_package_says() -> None:
    from profanity_check import predict_prob

    texts = ["Go to hell, you stupid moron.", "Thank you, that was a great help.", "Paris"]
    assert metrics.get("toxicity").measure(texts) == pytest.approx(list(predict_prob(texts)))


def test_insults_are_told_from_courtesy() -> None:
    rude = ["Go to hell, you stupid moron.", "What a piece of shit.", "Shut up, idiot."]
    kind = [
        "Thank you, that was a great help.",
        "The capital of France is Paris.",
        "Let me explain it again.",
    ]
    values = metrics.get("toxicity").measure(rude + kind)
    assert all(value is not None and value > 0.8 for value in values[:3])
    assert all(value is not None and value < 0.2 for value in values[3:])


@pytest.mark.parametrize("text", ["", "  ", "...", "—", "😀"])
def test_a_text_without_a_word_has_no_value(text: str) -> None:
    assert metrics.get("toxicity").measure([text, "hello"])[0] is None
