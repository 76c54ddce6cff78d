"""Hints of contamination over HTTP."""

from __future__ import annotations

from typing import Any

from tests.support.stored import evaluated

from layerlens.models import ContaminationReport, OverlapReport


def speech(name: str, count: int) -> str:
    """Return so many words that no other text has."""
    return " ".join(f"{name}{number}" for number in range(count))


LONG = speech("truth", 60)
NEXT = speech("next", 25)
ROWS = [
    {"input": "Recite the first.", "truth": LONG},
    {"input": "Recite the second.", "truth": "short"},
    {"input": NEXT, "truth": "short"},
    {"input": f"Repeat this: {speech('copy', 60)}", "truth": speech("copy", 60)},
    {"input": "Recite the fifth.", "truth": speech("other", 60)},
]
ANSWERS = [
    f"Here it is: {LONG.upper().replace(' ', ', ')}!",
    f"It is short. {NEXT}",
    "short",
    speech("copy", 60),
    f"{speech('other', 45)} and so on {speech('mine', 20)}",
]


def report(us: Any, evaluation_id: str, **query: Any) -> ContaminationReport:
    found = us.get(f"/evaluations/{evaluation_id}/contamination", **query)
    return ContaminationReport.model_validate(found)


def test_long_runs_that_the_prompt_does_not_hold_are_hints(us: Any) -> None:
    found = evaluated(us, us.benchmark(ROWS), "+++++", answers=ANSWERS)
    first = report(us, found)
    assert (first.answers, first.count, first.is_complete) == (5, 2, True)
    # Long enough to compare are the first, the second with the third prompt, the fourth and the fifth.
    assert first.compared == 4
    one, two = first.hints
    assert (one.prompt_id, one.kind, one.words, one.is_whole) == ("1", "truth", 60, True)
    assert one.text.startswith("truth0 truth1 ")
    assert one.result_id == f"{found}:0:0"
    assert (two.prompt_id, two.kind, two.words, two.is_whole) == ("2", "next_prompt", 25, True)
    assert "not proofs" in first.meaning
    shorter = report(us, found, words=40)
    assert [(hint.prompt_id, hint.words, hint.is_whole) for hint in shorter.hints] == [
        ("1", 60, True),
        ("5", 45, False),
        ("2", 25, True),
    ]
    limited = report(us, found, words=40, limit=1)
    assert (limited.count, len(limited.hints)) == (3, 1)


def test_an_evaluation_that_is_not_there_or_never_began_is_refused(us: Any, them: Any) -> None:
    foreign = evaluated(them, them.benchmark(ROWS), "+++++")
    pending = us.evaluation()["id"]
    assert us.http.get(f"/evaluations/{foreign}/contamination").status_code == 404
    assert us.http.get(f"/evaluations/{pending}/contamination").status_code == 409
    own = evaluated(us, us.benchmark(ROWS), "+++++")
    assert us.http.get(f"/evaluations/{own}/contamination", params={"words": 5}).status_code == 422
    assert report(us, own).hints == []


def test_benchmarks_that_share_prompts_are_named(us: Any, them: Any) -> None:
    asked = [f"What is the capital of the {number} country on the list of ours?" for number in range(4)]
    first = us.benchmark([{"input": text, "truth": "x"} for text in asked], name="First")
    messages = [{"input": text.upper().replace("?", " ?!"), "truth": "y"} for text in asked[1:3]]
    second = us.benchmark([*messages, {"input": "new", "truth": "z"}], name="Second")
    short = us.benchmark([{"input": "new", "truth": "z"}], name="Third")
    them.benchmark([{"input": text, "truth": "x"} for text in asked], name="Theirs")
    found = OverlapReport.model_validate(
        us.get("/contamination/benchmarks", benchmarks=",".join((first, second, short)))
    )
    (pair,) = found.overlaps
    assert (pair.benchmark_id_1, pair.prompts_1, pair.benchmark_id_2, pair.prompts_2) == (first, 4, second, 3)
    assert (pair.shared, pair.prompt_id_1, pair.prompt_id_2) == (2, "2", "1")
    assert pair.example == asked[1]
    every = OverlapReport.model_validate(us.get("/contamination/benchmarks"))
    assert {"first", "second", "third"} <= set(every.benchmarks)
    assert [one.shared for one in every.overlaps] == [2]


def test_a_benchmark_that_is_not_there_or_not_installed_is_refused(us: Any, them: Any) -> None:
    foreign = them.benchmark(ROWS)
    answer = us.http.get("/contamination/benchmarks", params={"benchmarks": foreign})
    assert answer.status_code == 404
    public = us.get("/datasets", key="simpleqa")["datasets"][0]["id"]
    answer = us.http.get("/contamination/benchmarks", params={"benchmarks": public})
    assert answer.status_code == 409
    assert "not installed" in answer.json()["error"]["message"]
