"""How often a model was right when it tried: the figures of SimpleQA's three grades."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attempts:
    """What the three grades of a set of questions come to.

    Attributes:
        not_attempted: share of all questions that were not attempted, 0.0 to 1.0.
        correct_given_attempted: share of right answers among those attempted; None if none was.
        f_score: harmonic mean of the share of right answers among all questions and the one among those
            attempted, 0.0 to 1.0: a model gains nothing by guessing, and nothing by never trying.
    """

    not_attempted: float
    correct_given_attempted: float | None
    f_score: float


def attempts(correct: int, incorrect: int, not_attempted: int, total: int) -> Attempts:
    """Work out the figures of three-way grading.

    Args:
        correct: answers graded so; likewise:
        incorrect: answers attempted and wrong.
        not_attempted: answers that leave the question open.
        total: questions asked; those without a grade (no answer, cut off, ...) count as neither attempted
            nor right.

    Raises:
        ValueError: the grades are more than the questions, or there is no question.

    Source: Wei et al., Measuring short-form factuality in large language models, 2024, arXiv:2411.04368,
    section 3.
    """
    if total <= 0 or correct + incorrect + not_attempted > total:
        raise ValueError("there must be a question for each grade")
    attempted = correct + incorrect
    if not attempted:
        return Attempts(not_attempted / total, None, 0.0)
    # The harmonic mean of correct / total and correct / attempted.
    return Attempts(not_attempted / total, correct / attempted, 2 * correct / (total + attempted))
