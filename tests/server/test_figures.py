"""How answers are distributed, over HTTP; the numbers are worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update
from tests.support.stored import evaluated, store

from layerlens.models import EvaluationFigures
from stratix.analysis.intervals import wilson
from stratix.evaluations import retry
from stratix.storage import benchmarks, evaluations
from stratix.storage.tables import prompts, results

ROWS = [{"input": "x" * (1 + n % 100), "truth": "1", "subset": "ab"[n % 2]} for n in range(100)]


def figures(us: Any, evaluation_id: str) -> EvaluationFigures:
    return EvaluationFigures.model_validate(us.get(f"/evaluations/{evaluation_id}/figures"))


def change(us: Any, evaluation_id: str, position: int, **values: Any) -> None:
    async def work(connection: Any) -> None:
        one = (results.c.evaluation_id == evaluation_id) & (results.c.position == position)
        await connection.execute(update(results).where(one).values(**values))

    us.server.write(work)


def test_latency_and_tokens_of_what_was_answered(us: Any) -> None:
    first = evaluated(us, us.benchmark(ROWS[:5]), "+-+x+")
    for position, (milliseconds, tokens) in enumerate(
        [(10.5, 0), (100, 4), (1000, None), (9, 7), (10000, 8)]
    ):
        change(us, first, position, duration_ms=milliseconds, tokens_output=tokens)
    found = figures(us, first)
    latency = found.latency_ms
    assert latency is not None
    assert (found.count, latency.count) == (5, 4)
    assert (latency.minimum, latency.maximum) == (10.5, 10000)
    assert latency.p50 == 550
    assert latency.mean == pytest.approx((10.5 + 100 + 1000 + 10000) / 4)
    assert (latency.bins[0].low, latency.bins[-1].high) == (10.5, 10000)
    assert sum(one.count for one in latency.bins) == 4
    ratios = [one.high / one.low for one in latency.bins]
    assert ratios == pytest.approx([ratios[0]] * len(ratios))
    tokens = found.tokens_output
    assert tokens is not None
    assert (tokens.count, tokens.minimum, tokens.p50, tokens.maximum) == (4, 0, 5.5, 8)
    assert sum(one.count for one in tokens.bins) == 4
    assert found.tokens_reasoning is None


def test_scores_by_length_with_their_intervals(us: Any) -> None:
    # The shorter half is right; answers are as long as the prompts, but the other way round.
    answers = ["y" * (100 - n) for n in range(100)]
    first = evaluated(us, us.benchmark(ROWS), "+" * 50 + "-" * 50, answers=answers)
    found = figures(us, first)
    parts = found.by_prompt_length
    assert [(part.low, part.high, part.count) for part in parts] == [
        (1, 25, 25), (26, 50, 25), (51, 75, 25), (76, 100, 25),
    ]  # fmt: skip
    assert [part.accuracy for part in parts] == [1, 1, 0, 0]
    assert (parts[0].accuracy_low, parts[0].accuracy_high) == pytest.approx(wilson(25, 25))
    assert [part.accuracy for part in found.by_answer_length] == [0, 0, 1, 1]


def test_epochs_of_one_prompt_are_no_independent_scores(us: Any) -> None:
    benchmark = us.benchmark(ROWS[:30])
    once = figures(us, evaluated(us, benchmark, "+-" * 15))
    often = figures(us, evaluated(us, benchmark, "+-" * 15 * 4, epochs=4))
    assert [part.count for part in once.by_prompt_length] == [30]
    assert [part.count for part in often.by_prompt_length] == [30]
    widths = [
        sum(part.accuracy_high - part.accuracy_low for part in found.by_answer_length)
        / len(found.by_answer_length)
        for found in (once, often)
    ]
    # Four same answers to each prompt tell no more than one; in parts of 25 they are of some 7 prompts.
    assert widths[1] > widths[0]


@pytest.mark.parametrize(
    ("asked", "choices", "shown"),
    [
        ('He said "hi"\n\u00e4\u65e5', [], 'He said "hi"\n\u00e4\u65e5'),
        ("Which?", ["one", "two"], "Which?\nA. one\nB. two"),
        ([{"role": "user", "content": "Say so."}], [], "Say so."),
    ],
    ids=["text", "choices", "messages"],
)
def test_a_prompt_is_as_long_as_a_person_reads_it(
    us: Any, asked: Any, choices: list[str], shown: str
) -> None:
    benchmark = us.benchmark(ROWS[:1])

    async def rewrite(connection: Any) -> None:
        version = await benchmarks.latest_version(connection, benchmark)
        assert version is not None
        of_version = update(prompts).where(prompts.c.version_id == version.id)
        await connection.execute(of_version.values(input=asked, choices=choices))

    us.server.write(rewrite)
    (part,) = figures(us, evaluated(us, benchmark, "+")).by_prompt_length
    assert (part.low, part.high) == (len(shown), len(shown))


def test_outcomes_are_counted_by_subset(us: Any) -> None:
    first = evaluated(us, us.benchmark(ROWS[:6]), "+x+-t-")
    found = figures(us, first).outcomes_by_subset
    assert [(part.name, part.count, part.outcomes) for part in found] == [
        ("a", 3, {"correct": 2, "truncated": 1}),
        ("b", 3, {"incorrect": 2, "failed": 1}),
    ]
    plain = evaluated(us, us.benchmark([{"input": "x", "truth": "1"}]), "+")
    assert figures(us, plain).outcomes_by_subset == []


def test_what_is_kept_of_a_finished_one_goes_with_a_retry(us: Any) -> None:
    first = evaluated(us, us.benchmark(ROWS[:4]), "++xx")
    before = figures(us, first)
    assert before == figures(us, first)

    async def again(connection: Any) -> None:
        row = await evaluations.get(connection, first)
        assert row is not None
        assert await retry(connection, row, ["failed"]) == 2

    us.server.write(again)
    assert figures(us, first).count in (2, 4)
    store(us, first, "  ++")
    after = figures(us, first)
    assert before.latency_ms is not None
    assert after.latency_ms is not None
    assert (before.latency_ms.count, after.latency_ms.count) == (2, 4)


def test_what_is_not_there_or_has_not_begun(us: Any, them: Any) -> None:
    benchmark = us.benchmark(ROWS[:2])
    pending = us.evaluation(dataset_id=benchmark)["id"]
    assert figures(us, pending) == EvaluationFigures(evaluation_id=pending, count=0)
    foreign = evaluated(them, them.benchmark(ROWS[:2]), "++")
    for unknown in (foreign, "eval_none"):
        assert us.http.get(f"/evaluations/{unknown}/figures").status_code == 404
