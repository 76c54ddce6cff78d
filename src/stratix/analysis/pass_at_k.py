"""pass@k and pass^k: the chance that one of k tries is right, and that all of them are."""

from __future__ import annotations

from math import comb


def pass_at_k(tries: int, right: int, k: int) -> float:
    """Return the unbiased estimate of the chance that at least one of k tries is right.

    It is the share of the sets of k among the tries that hold a right one; `1 - (1 - right / tries) ** k`
    instead would be too low. For a benchmark, take the mean over its prompts.

    Args:
        tries: answers sampled for the prompt (its epochs), at least 1.
        right: how many of them are right, 0 to `tries`.
        k: tries of which one must be right, 1 to `tries`.

    Returns:
        0.0 to 1.0; for k = 1 the share of right answers.

    Raises:
        ValueError: a number is out of its range.

    Source: Chen et al., Evaluating large language models trained on code, 2021, arXiv:2107.03374.
    """
    _check(tries, right, k, f"pass@{k}")
    wrong_sets, sets = comb(tries - right, k), comb(tries, k)
    return (sets - wrong_sets) / sets


def pass_hat_k(tries: int, right: int, k: int) -> float:
    """Return the unbiased estimate of the chance that k tries are all right: pass^k.

    It is the share of the sets of k among the tries that hold none but right ones. For a benchmark, take the
    mean over its prompts.

    Args:
        tries: answers sampled for the prompt (its epochs), at least 1.
        right: how many of them are right, 0 to `tries`.
        k: tries which must all be right, 1 to `tries`.

    Returns:
        0.0 to 1.0; for k = 1 the share of right answers.

    Raises:
        ValueError: a number is out of its range.

    Source: Yao et al., tau-bench: a benchmark for tool-agent-user interaction in real-world domains, 2024,
    arXiv:2406.12045.
    """
    _check(tries, right, k, f"pass^{k}")
    return comb(right, k) / comb(tries, k)


def _check(tries: int, right: int, k: int, name: str) -> None:
    if not 1 <= k <= tries:
        raise ValueError(f"{name} needs at least {max(k, 1)} tries a prompt and k from 1, not {tries} tries")
    if not 0 <= right <= tries:
        raise ValueError(f"from 0 to {tries} of {tries} tries can be right, not {right}")
