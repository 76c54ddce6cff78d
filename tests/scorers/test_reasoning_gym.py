"""The library's verifiers judge what is extracted, and the unsafe ones are never run."""

from __future__ import annotations

import pytest

from stratix.scorers import Target, score

pytest.importorskip("reasoning_gym", reason="the extra `reasoning` is not installed")


def chain_sum(answer: str) -> tuple[float, str]:
    judged = score("reasoning_gym", answer, Target("7", metadata={"task": "chain_sum", "entry": {}}))
    return judged.value, judged.verdict


@pytest.mark.parametrize(
    ("answer", "value", "verdict"),
    [
        ("7", 1.0, "correct"),
        ("4 + 3 is 7, so\n<answer>7</answer>", 1.0, "correct"),
        ("<answer>8</answer> no, <answer> 7 </answer>", 1.0, "correct"),
        ("Four and three.\nAnswer: 7", 1.0, "correct"),
        ("<answer>8</answer>", 0.0, "incorrect"),
        ("7 <answer></answer>", 0.0, "unparsed"),
        ("", 0.0, "unparsed"),
    ],
)
def test_what_is_extracted(answer: str, value: float, verdict: str) -> None:
    assert chain_sum(answer) == (value, verdict)


def test_other_right_answers_are_right() -> None:
    entry = {"jug_capacities": [3, 5], "target": 5}
    metadata = {"task": "jugs", "entry": {"puzzle": entry}}
    assert (
        score("reasoning_gym", '["fill B"]', Target('["fill B", "fill A"]', metadata=metadata)).value == 1.0
    )


@pytest.mark.parametrize(
    "metadata", [{}, {"task": "countdown", "entry": {}}, {"task": "n_queens", "entry": {}}]
)
def test_what_cannot_be_verified_is_an_error(metadata: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="task"):
        score("reasoning_gym", "__import__('os').abort()", Target("1", metadata=metadata))
