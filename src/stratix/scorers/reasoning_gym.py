"""Reasoning Gym: the verifier of the task that the question came from."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, ClassVar

from pydantic.dataclasses import dataclass

from stratix.scorers._marked import marked
from stratix.scorers._options import STRICT
from stratix.scorers.base import Score, Scorer, Target

_TAGGED = re.compile(r"<answer>(.*?)</answer>", re.DOTALL)
# Their verifiers run what the model wrote, as Python, in this very process.
_UNSAFE = frozenset(
    {
        "binary_matrix",
        "codeio",
        "countdown",
        "intermediate_integration",
        "n_queens",
        "polynomial_multiplication",
        "puzzle24",
        "simple_integration",
        "spiral_matrix",
        "string_insertion",
    }
)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ReasoningGym(Scorer):
    """As right as the library's own verifier of the task says, 0.0 to 1.0.

    The answer is what stands between the last `<answer>` and `</answer>`, as the library asks for it; without
    them what a phrase such as "Answer:" marks, else the whole text. The row's metadata holds `task`, its
    name, and `entry`, the library's metadata of the question. Needs `reasoning-gym`. Tasks whose verifiers
    run the model's answer as Python are refused. Source: Stojanovski et al., 2025, arXiv:2505.24760.
    """

    name: ClassVar[str] = "reasoning_gym"
    blocking: ClassVar[bool] = True

    def score(self, answer: str, target: Target) -> Score:
        """Have the verifier judge the answer.

        Raises:
            ValueError: the row names no task, or one that is refused.
            ImportError: `reasoning-gym` is not installed.
        """
        task = target.metadata.get("task")
        if not task or task in _UNSAFE:
            raise ValueError(
                f"the task {task!r} cannot be verified safely" if task else "the row has no `task`"
            )
        found = extract(answer)
        if not found:
            return Score.unparsed("nothing between <answer> and </answer>")
        entry = {
            "question": target.metadata.get("question", ""),
            "answer": target.truth,
            "metadata": target.metadata.get("entry"),
        }
        value = min(1.0, max(0.0, float(_verifier(task)(found, entry))))
        return Score.graded(value, found, f"the verifier of {task} gives {value:.2f}")


def extract(answer: str) -> str:
    """Return the passage that a model gives as its answer; "" if there is none."""
    tagged = _TAGGED.findall(answer)
    if tagged:
        return str(tagged[-1]).strip()
    stated = marked(answer)
    return (stated[-1] if stated else answer).strip()


@cache
def _verifier(task: str) -> Any:
    try:
        import reasoning_gym  # only where its tasks are scored: it takes a second
    except ImportError as error:
        raise ImportError(
            "reasoning-gym is not installed; install it with: pip install 'open-stratix[reasoning]'"
        ) from error
    return reasoning_gym.get_score_answer_fn(task)
