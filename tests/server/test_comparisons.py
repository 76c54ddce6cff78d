"""Comparisons of evaluations over HTTP; the numbers are worked out by hand."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import update
from tests.support.stored import evaluated, store

from layerlens.models import ComparisonReport, DisagreementList
from stratix.evaluations import retry
from stratix.storage import benchmarks, evaluations
from stratix.storage.database import Database
from stratix.storage.tables import evaluations as evaluations_table

TEN = [{"input": f"{n} + 1 =", "truth": str(n + 1), "subset": "ab"[n % 2]} for n in range(10)]


def compare(us: Any, *ids: str, **query: str) -> ComparisonReport:
    return ComparisonReport.model_validate(us.get("/comparisons", evaluations=",".join(ids), **query))


def disagreements(us: Any, *ids: str, **query: Any) -> DisagreementList:
    found = us.get("/comparisons/disagreements", evaluations=",".join(ids), **query)
    return DisagreementList.model_validate(found)


@pytest.fixture
def ten(us: Any) -> str:
    return str(us.benchmark(TEN))


def second_version(us: Any, benchmark_id: str, rows: list[dict[str, str]]) -> str:
    """Install another version of a benchmark and return the id of the version."""

    async def work(connection: Any) -> str:
        database = Database(us.server.database_url)
        first = await benchmarks.latest_version(connection, benchmark_id)
        assert first is not None
        empty: dict[str, Any] = {"aliases": [], "choices": [], "metadata": {}, "subset": ""}
        version = await benchmarks.add_version(
            connection,
            database,
            benchmark_id=benchmark_id,
            version="second",
            task=first.task,
            rows=[{**empty, **row} for row in rows],
            source="test",
        )
        await database.close()
        return str(version.id)

    return str(us.server.write(work))


def test_the_difference_its_cells_and_its_chance(us: Any, ten: str) -> None:
    first = evaluated(us, ten, "++++++----", model_id=us.model(name="Old"))
    second = evaluated(us, ten, "+++++++++-", model_id=us.model(name="New"))
    report = compare(us, first, second)
    assert report.benchmark_id == ten
    assert [one.id for one in report.evaluations] == [first, second]
    (pair,) = report.pairs
    found = pair.overall
    assert found is not None
    assert (found.prompts, found.mean_1, found.mean_2) == (10, 0.6, 0.9)
    assert found.difference == pytest.approx(0.3)
    assert found.cells.model_dump() == {"both_right": 6, "only_first": 0, "only_second": 3, "both_wrong": 1}
    # Three prompts of three go one way: twice the half of one chance in eight.
    assert found.p_value == pytest.approx(0.125)
    assert found.test == "mcnemar mid-p"
    # Newcombe's method 10: Wilson gives 0.3127 to 0.8318 and 0.5958 to 0.9821; phi, after the correction for
    # continuity, is (6 * 1 - 10 / 2) / sqrt(6 * 4 * 9 * 1) = 0.068. So it reaches down by
    # sqrt(0.3042 ** 2 - 2 * 0.068 * 0.3042 * 0.2318 + 0.2318 ** 2) = 0.3697, and up by 0.2934.
    assert (found.low, found.high) == (pytest.approx(-0.0697, abs=1e-4), pytest.approx(0.5934, abs=1e-4))
    assert (pair.unmatched_1, pair.unmatched_2, pair.matched_by) == (0, 0, "position")
    # Connor: discordance 0.3, difference 0.3: ((1.95996 * 0.5477 + 0.84162 * 0.4583) / 0.3) ^ 2 = 23.6.
    assert pair.prompts_needed == 24
    assert pair.conclusion == (
        "Old and New cannot be told apart over 10 prompts: the difference is +30.0 points for New (95% "
        f"interval −{-100 * found.low:.1f} to {100 * found.high:+.1f}), which chance alone can bring "
        "(p = 0.12). To show a difference of this size, about 24 prompts would be needed."
    )
    assert pair.notes == []


def test_a_difference_beyond_chance_says_who_is_better(us: Any, ten: str) -> None:
    better = evaluated(us, ten, "++++++++++", model_id=us.model(name="Old"))
    worse = evaluated(us, ten, "+---------", model_id=us.model(name="New"))
    (pair,) = compare(us, better, worse).pairs
    assert pair.overall is not None
    # Nine of nine: 0.5 ^ 9.
    assert pair.overall.p_value == pytest.approx(0.5**9)
    assert pair.overall.is_beyond_chance
    assert pair.prompts_needed is None
    assert pair.conclusion.startswith("Old is better than New by 90.0 points (95% interval ")
    assert pair.conclusion.endswith("over 10 prompts; this is beyond chance (p = 0.002).")


def test_subsets_are_corrected_for_their_number(us: Any, ten: str) -> None:
    first = evaluated(us, ten, "----------")
    second = evaluated(us, ten, "+++-+-+-+-")
    (pair,) = compare(us, first, second).pairs
    assert [(part.name, part.prompts, part.difference) for part in pair.subsets] == [
        ("a", 5, 1.0),
        ("b", 5, pytest.approx(0.2)),
    ]
    # 0.5 ^ 5 and 0.5 of one; Holm doubles the smaller.
    assert [part.p_value for part in pair.subsets] == [pytest.approx(1 / 32), pytest.approx(0.5)]
    assert [part.p_adjusted for part in pair.subsets] == [pytest.approx(1 / 16), pytest.approx(0.5)]


def test_subsets_have_their_cells_whether_scores_are_whole_or_graded(us: Any, ten: str) -> None:
    first = evaluated(us, ten, "+-+-+--x--")
    for last, higher, test in (("-", 2, "mcnemar mid-p"), ("~", 3, "permutation")):
        (pair,) = compare(us, first, evaluated(us, ten, "++-+--+-x" + last)).pairs
        a, b = pair.subsets
        assert list(a.cells.model_dump().values()) == [1, 2, 1, 1]
        assert (a.higher_1, a.higher_2, a.invalid_1, a.invalid_2, a.test) == (2, 1, 0, 1, "mcnemar mid-p")
        assert (a.mean_1, a.mean_2) == (0.6, 0.4)
        assert list(b.cells.model_dump().values()) == [0, 0, 2, 3]
        assert (b.higher_1, b.higher_2, b.invalid_1, b.invalid_2, b.test) == (0, higher, 1, 0, test)
        assert (b.mean_1, b.mean_2) == (0.0, (2 + 0.5 * (higher - 2)) / 5)


def test_several_are_corrected_for_their_number(us: Any, ten: str) -> None:
    ids = [evaluated(us, ten, marks) for marks in ("----------", "+++++++---", "+++++++++-")]
    report = compare(us, *ids)
    assert [(p.evaluation_id_1, p.evaluation_id_2) for p in report.pairs] == [
        (ids[0], ids[1]),
        (ids[0], ids[2]),
    ]
    values = [p.overall.p_value for p in report.pairs if p.overall]
    assert values == [pytest.approx(1 / 128), pytest.approx(1 / 512)]
    adjusted = [p.overall.p_adjusted for p in report.pairs if p.overall]
    assert adjusted == [pytest.approx(1 / 128), pytest.approx(2 / 512)]
    assert "corrected for 2 comparisons" in report.pairs[0].conclusion
    every = compare(us, *ids, against="all")
    assert [(p.evaluation_id_1, p.evaluation_id_2) for p in every.pairs] == [
        (ids[0], ids[1]),
        (ids[0], ids[2]),
        (ids[1], ids[2]),
    ]


def test_epochs_are_averaged_and_graded_scores_kept(us: Any) -> None:
    benchmark = us.benchmark(TEN[:3])
    # Means of three epochs: 1, 2/3 and 1/6; right in most: the first two.
    first = evaluated(us, benchmark, "++-" + "+-~" + "++-", epochs=3)
    second = evaluated(us, benchmark, "+x+")
    (pair,) = compare(us, first, second).pairs
    found = pair.overall
    assert found is not None
    assert found.mean_1 == pytest.approx((1 + 2 / 3 + 1 / 6) / 3)
    assert found.mean_2 == pytest.approx(2 / 3)
    assert found.cells.model_dump() == {"both_right": 1, "only_first": 1, "only_second": 1, "both_wrong": 0}
    assert (found.higher_1, found.higher_2) == (1, 1)
    assert (found.invalid_1, found.invalid_2) == (0, 1)
    # Differences 0, -2/3 and 5/6: their sum, 1/6, is among the least that exchanging can bring.
    assert (found.test, found.p_value) == ("permutation", 1.0)
    assert any("asked each prompt 3 and 1 times" in note for note in pair.notes)
    assert any("33.3% of the prompts have an answer of" in note for note in pair.notes)


def test_evaluations_by_one_reducer_are_compared_by_it(us: Any) -> None:
    benchmark = us.benchmark(TEN[:4])
    # Right in 3, 1, 1 and 0 of three epochs, so by pass@2: 1, 2/3, 2/3 and 0.
    some = {"epochs": 3, "epochs_reducer": "pass@2"}
    first = evaluated(us, benchmark, "+++-" + "+---" + "+---", **some)
    second = evaluated(us, benchmark, "++++" + "-+--" + "----", **some)  # 2/3, 1, 2/3 and 2/3.
    mean = evaluated(us, benchmark, "++++")
    alike, unlike = compare(us, first, second, mean).pairs
    found = alike.overall
    assert found is not None
    assert alike.reducer == "pass@2"
    assert (found.mean_1, found.mean_2) == (pytest.approx(7 / 12), pytest.approx(3 / 4))
    accuracies = [one.accuracy for one in compare(us, first, second).evaluations]
    assert accuracies == [pytest.approx(found.mean_1), pytest.approx(found.mean_2)]
    # More than half of the pairs hold a right one where one of three is right.
    assert found.cells.model_dump() == {"both_right": 3, "only_first": 0, "only_second": 1, "both_wrong": 0}
    # Differences -1/3, 1/3, 0 and 2/3: of the eight ways, six come to at least 2/3.
    assert found.p_value == pytest.approx(6 / 8)
    assert alike.notes == ["A prompt's score is what its epochs come to by pass@2, as in both accuracies."]
    assert unlike.overall is not None
    assert (unlike.reducer, unlike.overall.mean_1) == ("mean", pytest.approx(5 / 12))
    assert "together by pass@2 and by mean: compared are the means." in unlike.notes[0]


def test_limits_and_missing_answers_are_left_out_and_counted(us: Any, ten: str) -> None:
    whole = evaluated(us, ten, "++++++++++")
    limited = evaluated(us, ten, "+-+-", limit=4)
    cut_off = evaluated(us, ten, "+ -", total=10)
    one, two = compare(us, whole, limited, cut_off).pairs
    assert one.overall is not None
    assert two.overall is not None
    assert (one.overall.prompts, one.unmatched_1, one.unmatched_2) == (4, 6, 0)
    assert one.overall.cells.only_first == 2
    assert (two.overall.prompts, two.unmatched_1, two.unmatched_2) == (2, 8, 8)
    assert any("ended as cancelled, with 2 of 10 answers" in note for note in two.notes)


def test_versions_are_matched_by_what_a_prompt_says(us: Any, ten: str) -> None:
    first = evaluated(us, ten, "+++++-----")
    # One prompt is new, one has another truth, and all but one moved to other lines with other ids.
    rows = [
        {"prompt_id": "1", "input": "0 + 1 =", "truth": "1"},
        {"prompt_id": "2", "input": "new", "truth": "x"},
    ]
    rows += [{"prompt_id": str(n + 2), "input": f"{n} + 1 =", "truth": str(n + 1)} for n in range(1, 9)]
    rows += [{"prompt_id": "11", "input": "9 + 1 =", "truth": "ten"}]
    version = second_version(us, ten, rows)
    second = evaluated(us, ten, "+-++++++++" + "+", version_id=version)
    (pair,) = compare(us, first, second).pairs
    found = pair.overall
    assert found is not None
    assert (pair.matched_by, found.prompts, pair.unmatched_1, pair.unmatched_2) == ("identity", 9, 1, 2)
    assert found.cells.model_dump() == {"both_right": 5, "only_first": 0, "only_second": 4, "both_wrong": 0}
    assert "different versions" in pair.notes[0]
    shown = disagreements(us, first, second)
    assert [row.prompt for row in shown.disagreements] == [f"{n} + 1 =" for n in range(5, 9)]
    assert shown.disagreements[0].result_id_2 == f"{second}:0:6"
    wire = us.get("/results/comparison", evaluation_id_1=first, evaluation_id_2=second)
    assert wire["total_count"] == 9


def test_rows_that_disagree_come_in_pages_with_both_verdicts(us: Any, ten: str) -> None:
    first = evaluated(us, ten, "+-+-+-+-~+")
    second = evaluated(us, ten, "+++++---++")
    every = disagreements(us, first, second)
    assert [row.prompt_id for row in every.disagreements] == ["2", "4", "7", "9"]
    assert every.total_count == 4
    for cell, ids in (
        ("both_succeed", ["1", "3", "5", "10"]),
        ("reference_fails", ["2", "4", "9"]),
        ("comparison_fails", ["7"]),
        ("both_fail", ["6", "8"]),
    ):
        found = disagreements(us, first, second, outcome_filter=cell).disagreements
        assert [row.prompt_id for row in found] == ids, cell
    row = every.disagreements[3]
    assert (row.score1, row.score2, row.subset, row.epoch) == (0.5, 1.0, "a", 1)
    assert (row.verdict1.outcome, row.verdict2.outcome) == ("partial", "correct")
    assert row.verdict1.explanation == "why 8"
    paged = [disagreements(us, first, second, page=n, page_size=3) for n in (1, 2)]
    assert [row for page in paged for row in page.disagreements] == every.disagreements
    of_b = disagreements(us, first, second, subset="b")
    assert ([row.prompt_id for row in of_b.disagreements], of_b.total_count) == (["2", "4"], 2)
    assert disagreements(us, first, second, subset="c").total_count == 0
    assert disagreements(us, first, second, search="ANSWER 6").total_count == 1


def test_what_cannot_be_compared_is_refused_in_words(us: Any, them: Any, ten: str) -> None:
    own = evaluated(us, ten, "++++++++++")
    other = evaluated(us, us.benchmark(TEN, name="Other"), "++++++++++")
    running = us.evaluation(dataset_id=ten)["id"]
    foreign = evaluated(them, them.benchmark(TEN), "++++++++++")

    def refused(*ids: str, path: str = "/comparisons") -> tuple[int, str]:
        answer = us.http.get(path, params={"evaluations": ",".join(ids)})
        return answer.status_code, answer.json()["error"]["message"]

    assert refused(own, other)[0] == 422
    assert "different benchmarks, 'A benchmark' and 'Other'" in refused(own, other)[1]
    assert refused(own, running)[0] == 409
    assert refused(own, foreign)[0] == refused(own, "eval_none")[0] == 404
    assert refused(own)[0] == refused(own, own)[0] == 422
    assert refused(own, own, running, path="/comparisons/disagreements")[0] == 409
    wire = {"evaluation_id_1": own, "evaluation_id_2": other}
    assert us.http.get("/results/comparison", params=wire).status_code == 422
    assert us.http.get("/comparisons").status_code == 422


def test_evaluations_without_common_prompts_have_nothing_to_compare(us: Any, ten: str) -> None:
    first = evaluated(us, ten, "+", total=10)
    second = evaluated(us, ten, " +", total=10)
    (pair,) = compare(us, first, second).pairs
    assert (pair.overall, pair.subsets, pair.unmatched_1) == (None, [], 10)
    assert "nothing to compare" in pair.conclusion
    assert disagreements(us, first, second).total_count == 0


def test_public_evaluations_are_for_everyone_to_compare(us: Any, them: Any, ten: str) -> None:
    ids = [evaluated(us, ten, marks) for marks in ("++++++----", "+++++++++-")]
    asked = {"evaluations": ",".join(ids)}
    paths = ("/comparisons", "/comparisons/disagreements")
    assert {them.http.get(path, params=asked).status_code for path in paths} == {404}

    async def publish(connection: Any) -> None:
        changed = update(evaluations_table).where(evaluations_table.c.id.in_(ids))
        await connection.execute(changed.values(is_public=True))

    us.server.write(publish)
    assert {them.http.get(path, params=asked).status_code for path in paths} == {200}
    board = them.get("/leaderboards", benchmarks=us.get("/datasets", page_size=1)["datasets"][0]["id"])
    assert board["matrix"] == []


def test_a_retried_evaluation_is_compared_by_what_it_has_then(us: Any, ten: str) -> None:
    first, second = evaluated(us, ten, "+++++-----"), evaluated(us, ten, "++++xx----")
    (before,) = compare(us, first, second).pairs

    async def again(connection: Any) -> None:
        row = await evaluations.get(connection, second)
        assert row is not None
        assert await retry(connection, row, ["failed"]) == 2

    us.server.write(again)
    store(us, second, "    ++    ")
    (after,) = compare(us, first, second).pairs
    assert before.overall is not None
    assert after.overall is not None
    assert (before.overall.cells.only_second, before.overall.invalid_2) == (0, 2)
    assert (after.overall.cells.only_second, after.overall.invalid_2) == (1, 0)
    assert [row.prompt_id for row in disagreements(us, first, second).disagreements] == ["6"]


def test_a_server_that_compares_nothing_pays_for_no_numbers() -> None:
    code = "import sys; import stratix.api; print(*sys.modules)"
    found = subprocess.run((sys.executable, "-c", code), check=True, capture_output=True, text=True)
    assert not {"numpy", "scipy", "altair", "vl_convert"} & set(found.stdout.split())
