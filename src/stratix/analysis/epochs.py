"""From the epochs of a prompt, each an answer of its own, to the prompt's one score."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from stratix.analysis.pass_at_k import pass_at_k

_PASS = re.compile(r"pass@([1-9]\d*)")


def mean(scores: Sequence[float]) -> float:
    """Return the mean of a prompt's scores.

    Raises:
        ValueError: there is none.
    """
    _need(scores)
    return fmean(scores)


def majority(scores: Sequence[float], answers: Sequence[str | None]) -> float:
    """Return the score of the answer that was given most often.

    Where several were given equally often it is the mean of their scores: what drawing one of them comes to,
    without chance. Answers that could not be read have no vote; the score is 0.0 if none could.

    Args:
        scores: the score of each epoch, 0.0 to 1.0.
        answers: the extracted answer of each epoch, in the same order; None where there is none.

    Raises:
        ValueError: there is no score, or not one for each answer.

    Source: Wang et al., Self-consistency improves chain of thought reasoning in language models, 2022,
    arXiv:2203.11171.
    """
    _need(scores)
    if len(scores) != len(answers):
        raise ValueError(f"{len(scores)} scores need as many answers, not {len(answers)}")
    votes = Counter(answer for answer in answers if answer is not None)
    if not votes:
        return 0.0
    most = max(votes.values())
    # Each of the leading answers has `most` scores, so this is the mean over answers as well.
    return fmean(
        score
        for score, answer in zip(scores, answers, strict=True)
        if answer is not None and votes[answer] == most
    )


def reduce(how: str, scores: Sequence[float], answers: Sequence[str | None]) -> float:
    """Return the score of a prompt, 0.0 to 1.0, from those of its epochs.

    Args:
        how: `mean`, `majority` or `pass@K`, such as `pass@10`; for the last a score of 1.0 is a pass.
        scores: the score of each epoch, 0.0 to 1.0.
        answers: the extracted answer of each epoch, in the same order; None where there is none.

    Raises:
        ValueError: there is no such reducer, no score, or too few of them for K.
    """
    if how == "mean":
        return mean(scores)
    if how == "majority":
        return majority(scores, answers)
    if match := _PASS.fullmatch(how):
        return pass_at_k(len(scores), sum(score >= 1.0 for score in scores), int(match[1]))
    raise ValueError(f"epochs are reduced by mean, majority or pass@K (such as pass@10), not by {how!r}")


def _need(scores: Sequence[float]) -> None:
    if not scores:
        raise ValueError("a prompt without a result has no score")
