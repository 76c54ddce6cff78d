"""How long an evaluation takes is said by how fast its model was, as a range that holds what is true."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from stratix.evaluations.timing import Answers, Speed, expected, is_of, speed


def measured(**changed: Any) -> Speed:
    """A run of 400 answers of 100 tokens, ten a second with 20 on their way, as many as were wished for."""
    values = {
        "answers": 400, "seconds": 40.0, "at_once": 20.0, "wished": 20.0, "tokens_input": 50.0,
        "tokens_output": 100.0, "is_same": True,
    }  # fmt: skip
    return Speed(**{**values, **changed})


def wanted(calls: int = 400, at_once: int = 20, **changed: Any) -> Answers:
    return Answers(
        **{"calls": calls, "at_once": at_once, "tokens_input": 50.0, "tokens_output": 100.0}
        | {"tokens_most": None}
        | changed
    )


def test_the_same_again_takes_as_long():
    found, words = expected([measured()], wanted())
    assert found.likely == pytest.approx(40)
    assert 30 < found.low < 40 < found.high < 50
    assert words == (
        "as measured in 1 evaluation of this model on this benchmark: "
        "10 answers and 1,000 tokens a second with 20 calls on their way"
    )


def test_more_answers_take_longer_and_are_known_better():
    few, _ = expected([measured(answers=4, seconds=0.4)], wanted(40))
    many, _ = expected([measured()], wanted(4000))
    assert (few.likely, many.likely) == (pytest.approx(4), pytest.approx(400))
    assert few.high / few.low > 5 * many.high / many.low
    assert many.high / many.low >= 1.2


def test_with_more_at_a_time_it_is_between_as_fast_and_so_much_faster():
    found, _ = expected([measured()], wanted(at_once=80))
    assert found.low < 40 / 4 < found.likely < 40 < found.high
    assert found.likely == pytest.approx(20)


def test_an_endpoint_that_let_no_more_through_gets_no_faster():
    found, _ = expected([measured(wished=100.0)], wanted(at_once=80))
    assert found.likely == pytest.approx(40, rel=0.02)
    assert found.low > 30


def test_with_fewer_at_a_time_it_is_no_faster():
    for wished in (100.0, 20.0):
        found, _ = expected([measured(wished=wished)], wanted(at_once=5))
        assert found.low < 40 < found.likely < 160 < found.high


def test_the_run_with_as_many_at_a_time_says_most():
    alike = measured(at_once=80.0, seconds=13.0)
    found, words = expected([measured(), alike, measured()], wanted(at_once=80))
    assert found.likely == pytest.approx(13)
    assert "1 evaluation of" in words


def test_beginning_and_ending_of_a_short_run_are_not_the_endpoints_time():
    # 16 answers of 0.1 s, four at a time, take 0.4 s; the rest of the second nobody was asked anything.
    short = measured(answers=16, seconds=1.0, at_once=1.6, wished=4.0)
    found, _ = expected([short], wanted(calls=160, at_once=4))
    assert found.low < 4 < 10 < found.high
    # Of a long run they are next to nothing: its endpoint let no more through.
    long = measured(answers=1600, seconds=100.0, at_once=1.6, wished=4.0)
    found, _ = expected([long], wanted(calls=160, at_once=4))
    assert 8 < found.low < 10 < found.high < 13


def test_runs_that_differ_make_the_range():
    found, words = expected([measured(), measured(seconds=80.0)], wanted())
    assert found.low < 40 < found.likely < 80 < found.high
    assert "2 evaluations" in words


def test_on_another_benchmark_the_length_of_answers_counts():
    other = measured(is_same=False)
    found, words = expected([other], wanted(tokens_output=400.0))
    # Between all of the time for writing, 4 times as much, and a token read like one written, 3 times.
    assert 3 * 40 < found.likely < 4 * 40
    assert found.low < 3 * 40
    assert found.high > 4 * 40
    assert "on other benchmarks" in words
    assert expected([other, measured()], wanted(tokens_output=400.0)) == expected([measured()], wanted())


def test_a_length_that_nobody_has_measured_is_anything_up_to_the_limit():
    other = measured(is_same=False)
    known, _ = expected([other], wanted(tokens_output=500.0))
    unknown, _ = expected([other], wanted(tokens_output=500.0, tokens_most=2000.0))
    assert unknown.likely == known.likely
    assert unknown.low < 40
    assert unknown.high > 20 * 40


def test_what_was_not_measured_is_not_known():
    assert expected([], wanted()) == (None, "the project has no evaluation of this model that has ended")
    silent = measured(is_same=False, tokens_input=0.0, tokens_output=0.0)
    found, words = expected([silent], wanted())
    assert found is None
    assert "reports no tokens" in words
    assert expected([measured(tokens_input=0.0, tokens_output=0.0)], wanted())[0] is not None


def row(**changed: Any) -> Any:
    values = {
        "done": 100, "total": 100, "outcomes": {"correct": 90, "failed": 10}, "started_at": 1000.0,
        "finished_at": 1050.0, "idle_seconds": 5.0, "average_duration": 2000, "concurrency": 4,
        "spent": {"results": "100"}, "tokens": {"input": 900, "output": 1800}, "endpoint": "http://a:1/v1/chat",
    }  # fmt: skip
    return SimpleNamespace(**{**values, **changed})


def test_an_evaluation_says_how_fast_it_was():
    assert speed(row(), 64, is_same=True) == Speed(90, 45.0, 4.0, 4, 10.0, 20.0, True)
    assert speed(row(concurrency=None), 64, is_same=True).wished == 64
    assert speed(row(concurrency=None, total=4), 64, is_same=True).wished == 4
    assert speed(row(tokens=None), 64, is_same=False).tokens_output == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"spent": {"results": "100", "cached": "1"}},
        {"outcomes": {"failed": 100}},
        {"started_at": None, "finished_at": None},
        {"idle_seconds": 50.0},
    ],
)
def test_an_evaluation_that_cannot_say_it_says_nothing(changed):
    assert speed(row(**changed), 64, is_same=True) is None


def test_a_model_that_was_moved_was_another_endpoint():
    assert is_of(row(), None)
    assert is_of(row(), "http://a:1/v1/chat?key=1")
    assert not is_of(row(), "http://b:1/v1/chat")
    assert not is_of(row(endpoint=None), "http://a:1/v1/chat")
