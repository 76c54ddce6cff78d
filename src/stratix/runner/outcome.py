"""Give every result exactly one outcome."""

from __future__ import annotations

from stratix.providers.base import Completion
from stratix.scorers import Judge, JudgedScorer, JudgeError
from stratix.scorers.base import Score, Scorer, Target

LONGEST_SCORED = 6_000_000
"""Characters of an answer that is scored: every scorer is done with so many within some seconds."""

LENGTH_REASONS = frozenset({"length", "max_tokens", "MAX_TOKENS"})


def judge(completion: Completion, scorer: Scorer, target: Target) -> tuple[str, Score]:
    """Return the outcome of an answer and its score.

    What the model did comes before what the scorer thinks of it: an answer cut off by the token
    limit is `truncated` even if its beginning looks right, for its end is not known.

    Args:
        completion: the model's answer.
        scorer: asked only when there is a whole answer.
        target: what the answer is compared with.

    Returns:
        One of `refused`, `reasoning_exhausted`, `truncated`, `empty`, `scorer_error`, or the
        scorer's verdict; the score is 0.0 for all but the verdicts.
    """
    found = _of_the_model(completion) or _too_long(completion)
    if found is not None:
        return found
    try:
        score = scorer.score(completion.text, target)
    except Exception as error:  # A scorer's fault must cost one result, not the evaluation.
        return _invalid("scorer_error", f"{type(error).__name__}: {error}")
    return score.verdict, score


async def grade(
    completion: Completion, scorer: JudgedScorer, question: str, target: Target, judge: Judge
) -> tuple[str, Score]:
    """Return the outcome of an answer that a judge model grades, and its score; see `judge`.

    Args:
        completion: the model's answer.
        scorer: asked only when there is a whole answer.
        question: what the model was asked, as text.
        target: what the answer is compared with.
        judge: keeps what it replies, whatever the outcome.
    """
    found = _of_the_model(completion) or _too_long(completion)
    if found is not None:
        return found
    try:
        score = await scorer.score(completion.text, question, target, judge)
    except JudgeError as error:
        return _invalid("scorer_error", str(error))
    except Exception as error:
        return _invalid("scorer_error", f"{type(error).__name__}: {error}")
    return score.verdict, score


def _of_the_model(completion: Completion) -> tuple[str, Score] | None:
    """Return the outcome that the model brought about itself; None for a whole answer."""
    if completion.refused:
        return _invalid("refused", "The model or its filter declined to answer.")
    cut_off = completion.finish_reason in LENGTH_REASONS
    if not completion.text.strip():
        if cut_off and (completion.reasoning or completion.tokens_reasoning):
            return _invalid("reasoning_exhausted", "The token limit was spent on reasoning; no answer came.")
        return (
            _invalid("truncated", "Cut off by the token limit.")
            if cut_off
            else _invalid("empty", "No text came.")
        )
    if cut_off:
        return _invalid("truncated", "Cut off by the token limit.")
    return None


def _too_long(completion: Completion) -> tuple[str, Score] | None:
    length = len(completion.text)
    if length <= LONGEST_SCORED:
        return None
    return _invalid(
        "scorer_error", f"The answer has {length:,} characters; at most {LONGEST_SCORED:,} are scored."
    )


def _invalid(outcome: str, explanation: str) -> tuple[str, Score]:
    return outcome, Score(0.0, "incorrect", None, explanation)
