"""From the epochs of a prompt, each an answer of its own, to the prompt's one score, and on to their mean."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from stratix.analysis.intervals import wilson
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
    if how == "majority":
        return majority(scores, answers)
    if how == "mean":
        return mean(scores)
    tries = passes(how, len(scores))
    assert tries is not None
    return pass_at_k(len(scores), sum(score >= 1.0 for score in scores), tries)


def passes(how: str, epochs: int) -> int | None:
    """Return the K of the reducer pass@K; None for `mean` and `majority`.

    Args:
        how: the reducer.
        epochs: how often each prompt is asked.

    Raises:
        ValueError: there is no such reducer, or K is more than the epochs.
    """
    if how in ("mean", "majority"):
        return None
    match = _PASS.fullmatch(how)
    if match is None:
        raise ValueError(f"epochs are reduced by mean, majority or pass@K (such as pass@10), not by {how!r}")
    if int(match[1]) > epochs:
        raise ValueError(f"{how} needs at least {match[1]} tries a prompt (its epochs), not {epochs}")
    return int(match[1])


def standard_error(prompts: int, total: float, squares: float) -> float | None:
    """Return the standard error of the mean of prompts' scores, from their sums.

    The answers to one prompt depend on each other, so the prompts are what is counted: the error is clustered
    by prompt.

    Args:
        prompts: how many there are.
        total: sum of their scores.
        squares: sum of the squares of their scores.

    Returns:
        From 0.0; None for fewer than two prompts, which tell nothing of it.

    Source: E. Miller, "Adding error bars to evals", 2024, arXiv:2411.00640, section 2.2.
    """
    if prompts < 2:
        return None
    # Of numbers all alike the sums may differ by what rounding leaves.
    deviations = max(0.0, squares - total * total / prompts)
    return math.sqrt(deviations / (prompts - 1) / prompts)


def interval(prompts: int, answers: int, mean_score: float, error: float | None) -> tuple[float, float]:
    """Return the 95% interval of the mean of prompts' scores.

    It is Wilson's, for as many independent yes-or-no scores as would have this standard error; where no
    variation was seen each prompt counts as one.

    Args:
        prompts: how many there are.
        answers: how many they got; no more scores than that can be independent.
        mean_score: the mean, 0.0 to 1.0.
        error: its standard error; None where it is not known.

    Source: C. Franco et al., "Comparative study of confidence intervals for proportions in complex sample
    surveys", J. Survey Statistics and Methodology 7 (2019), 334-364.
    """
    effective = float(prompts)
    if error is not None and error > 1e-9:
        effective = min(mean_score * (1 - mean_score) / error**2, float(answers))
    return wilson(mean_score * effective, effective)


def _need(scores: Sequence[float]) -> None:
    if not scores:
        raise ValueError("a prompt without a result has no score")
