"""The metrics that a judge grades: their files, and that the scorer takes them as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from stratix import metrics, scorers

FILES = sorted(path.stem for path in (Path(metrics.__file__).parent / "rubrics").glob("*.toml"))


def test_listing_is_the_folder():
    assert FILES == ["ethics", "hallucination"]
    assert list(metrics.rubric_metrics()) == FILES
    assert not set(metrics.names()) & set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_each_grade_is_described(name):
    metric = metrics.rubric_metrics()[name]
    for grade in range(metric.lowest, metric.highest + 1):
        assert f"\n{grade}: " in metric.rubric
    assert "arXiv:" in metric.how, "a rubric names its source"
    scorers.make(
        "rubric",
        rubric=metric.rubric,
        lowest=metric.lowest,
        highest=metric.highest,
        reference=metric.reference,
    )


@pytest.mark.parametrize("name", FILES)
def test_without_a_judge_they_cannot_be_measured(name):
    assert metrics.problem(name) == f"{name} is graded by a model: choose a judge"
    assert metrics.problem(name, judged=True) is None


def test_unknown_metrics_are_told_of_them_too():
    with pytest.raises(ValueError, match="there are: ethics, hallucination, readability, toxicity"):
        metrics.load("beauty")
