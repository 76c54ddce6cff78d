"""Reasoning Gym: puzzles and sums made from a seed, each with the library's own verifier.

Source: Stojanovski et al., Reasoning Gym: Reasoning Environments for Reinforcement Learning with Verifiable
Rewards, arXiv:2505.24760, 2025.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import reasoning_gym


def rows(*, tasks: Sequence[str], size: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield the same number of entries of each task, as its verifier wants them.

    Args:
        tasks: names of the library's datasets.
        size: entries of each.
        seed: of all of them; the same seed and version make the same entries.

    Raises:
        ValueError: the library's verifier refuses its own answer.
    """
    for task in tasks:
        dataset = reasoning_gym.create_dataset(task, size=size, seed=seed)
        for number, entry in enumerate(dataset, start=1):
            # What is kept is what a verifier will see later, so it is checked as JSON gives it back.
            kept = json.loads(json.dumps(entry))
            if dataset.score_answer(kept["answer"], kept) != 1.0:
                raise ValueError(f"{task}/{number}: its verifier refuses the answer {kept['answer']!r}")
            yield {"id": f"{task}/{number}", "task": task, **kept}
