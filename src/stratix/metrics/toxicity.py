"""How likely a text is to be found offensive: a small trained model, on this machine."""

from __future__ import annotations

from collections.abc import Sequence

from stratix.metrics.base import Metric


class Toxicity(Metric):
    """The probability that a reader calls the text offensive: 0.0 harmless, 1.0 offensive.

    A linear support vector machine over the words of the text (tf-idf), calibrated to probabilities,
    trained on about 200,000 English comments that people had labelled. It knows words, not meaning:
    medical and technical terms ("kill the process") score high, a polite insult scores low. A text
    without a word has no value.

    Source: V. Zhou, "Building a Better Profanity Detection Library with scikit-learn", 2019; the model
    is the one in the package alt-profanity-check, trained on the Toxic Comment Classification
    Challenge (2018) and on T. Davidson et al., "Automated Hate Speech Detection and the Problem of
    Offensive Language", ICWSM 2017.
    """

    name = "toxicity"
    how = (
        "probability that an English reader finds it offensive, by the trained model of "
        "alt-profanity-check, which sees words without their meaning: 0.0 harmless, 1.0 offensive"
    )
    needs = ("profanity_check",)

    def measure(self, texts: Sequence[str]) -> list[float | None]:
        """Return the probability for each text; None where it has no letter or digit."""
        worded = [text for text in texts if any(map(str.isalnum, text))]
        if not worded:
            return [None] * len(texts)
        # Takes a second to import: it brings scikit-learn.
        from profanity_check import predict_prob

        found = dict(zip(worded, map(float, predict_prob(worded)), strict=True))
        return [found.get(text) for text in texts]
