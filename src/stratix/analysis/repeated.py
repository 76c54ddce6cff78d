"""Several answers to each prompt: how much of the uncertainty is the prompts', and how much the answers'?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from stratix.analysis._arrays import Groups, numbers
from stratix.analysis.clusters import clustered


@dataclass(frozen=True, slots=True)
class Repeated:
    """A mean over prompts that were answered several times.

    Attributes:
        mean: mean over the prompts of their mean scores, 0.0 to 1.0.
        standard_error: of the mean, for other prompts and other answers alike; None for one prompt or group.
        lower: lower bound of the mean's interval, 0.0 to 1.0; likewise:
        upper: upper bound.
        prompts: number of prompts.
        answers: number of answers.
        prompt_variance: variance of the prompts' true mean scores, from 0.0; None if no prompt was answered
            twice, or there is but one.
        answer_variance: mean variance of the answers to one prompt, from 0.0; None if none was answered
            twice.
        prompt_error: the part of the standard error that only more prompts lower; None as above.
        answer_error: the part that more epochs lower as well: how far the mean is off if the same prompts
            are asked again; None as above.
    """

    mean: float
    standard_error: float | None
    lower: float
    upper: float
    prompts: int
    answers: int
    prompt_variance: float | None
    answer_variance: float | None
    prompt_error: float | None
    answer_error: float | None

    def error_at(self, prompts: int, epochs: int) -> float | None:
        """Return the standard error to expect of so many prompts, each answered so many times.

        It takes the prompts as independent, whatever groups were given. None if the variances are not known.

        Raises:
            ValueError: a number is below 1.
        """
        if prompts < 1 or epochs < 1:
            raise ValueError("there must be at least one prompt and one epoch")
        if self.prompt_variance is None or self.answer_variance is None:
            return None
        return math.sqrt((self.prompt_variance + self.answer_variance / epochs) / prompts)


def repeated(
    scores: Sequence[Sequence[float]], groups: Groups | None = None, *, level: float = 0.95
) -> Repeated:
    """Return the mean of prompts with several answers each, and where its uncertainty comes from.

    The answers to a prompt depend on each other, so the prompts are what is counted; answers that are
    missing make a prompt no less of one.

    Args:
        scores: the scores of each prompt's answers, 0.0 to 1.0; at least one answer a prompt, and not
            necessarily as many for each.
        groups: the group of each prompt, where prompts of a group depend on each other.
        level: confidence of the interval, 0 to 1.

    Raises:
        ValueError: there is no prompt, one has no answer, or an argument is out of its range.

    Source: E. Miller, "Adding error bars to evals", 2024, arXiv:2411.00640, section 3.1; the split is the
    one of a one-way analysis of variance with random effects, S. R. Searle, G. Casella and C. E. McCulloch,
    "Variance components", 1992, chapter 3.
    """
    epochs = np.fromiter(map(len, scores), np.intp, len(scores))
    if not len(epochs) or not epochs.all():
        raise ValueError("there must be at least one prompt, and an answer to each")
    flat = numbers(list(chain.from_iterable(scores)))
    prompt_of = np.repeat(np.arange(len(epochs)), epochs)
    means = np.bincount(prompt_of, flat) / epochs
    # Rounding may put the mean of scores that are all 1 above 1.
    found = clustered(np.minimum(means, 1.0), groups, level=level)
    squares, again = np.bincount(prompt_of, (flat - means[prompt_of]) ** 2), epochs > 1
    answer = float((squares[again] / (epochs[again] - 1)).mean()) if again.any() else None
    prompt = answer_error = prompt_error = None
    if answer is not None:
        # Of the variance of a mean of k answers, one k-th of theirs is what is left of it.
        left = answer * float((1 / epochs).mean())
        answer_error = math.sqrt(left / len(epochs))
        if len(epochs) > 1:
            prompt = max(0.0, float(means.var(ddof=1)) - left)
        if found.standard_error is not None:
            prompt_error = math.sqrt(max(0.0, found.standard_error**2 - answer_error**2))
    return Repeated(
        mean=found.mean,
        standard_error=found.standard_error,
        lower=found.lower,
        upper=found.upper,
        prompts=len(epochs),
        answers=len(flat),
        prompt_variance=prompt,
        answer_variance=answer,
        prompt_error=prompt_error,
        answer_error=answer_error,
    )
