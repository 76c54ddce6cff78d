"""What every metric of the folder keeps to."""

from __future__ import annotations

import inspect
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stratix import metrics
from stratix.metrics import MAX_CHARACTERS, Metric

FILES = sorted(
    path.stem
    for path in Path(metrics.__file__).parent.glob("[a-z]*.py")
    if path.stem not in {"base", "process"}
)

PROSE = "The old man walked slowly down to the harbour. He had not slept for two nights."
HARD = [
    "",
    " \n\t",
    "42",
    "(B)",
    "😀",
    "日本語のテキスト",
    "\x00\x1b[31m",
    "\ud800",
    "؟ مرحبا",
    "a" * MAX_CHARACTERS,
    "def f(x):\n    return x ** 2",
]


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_listing_is_the_folder() -> None:
    assert {"readability", "toxicity"} <= set(FILES)
    assert list(metrics.names()) == FILES


@pytest.mark.parametrize("name", FILES)
def test_metric_keeps_the_contract(name: str) -> None:
    metric = metrics.load(name)
    assert issubclass(metric, Metric)
    assert metric.name == name
    assert metric.version
    assert len(metric.how) > 20
    assert not inspect.isabstract(metric)
    assert "Source:" in (metric.__doc__ or ""), "a metric names its source"
    assert metrics.problem(name) is None


@pytest.mark.parametrize("name", FILES)
def test_values_are_shares_or_none_whatever_the_text(name: str) -> None:
    values = metrics.get(name).measure([PROSE, *HARD])
    assert len(values) == 1 + len(HARD)
    assert values[0] is not None
    assert values[1:3] == [None, None], "a blank text has no value"
    assert all(value is None or 0.0 <= value <= 1.0 for value in values)
    assert metrics.get(name).measure([]) == []


@pytest.mark.parametrize("name", FILES)
def test_a_value_does_not_depend_on_the_batch(name: str) -> None:
    texts = [PROSE, "", "You are a complete idiot.", PROSE]
    together = metrics.get(name).measure(texts)
    alone = [metrics.get(name).measure([text])[0] for text in texts]
    assert together == pytest.approx(alone)
    assert together[0] == together[3]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("loop", ["a", "9,", "a.", "! ", "-'", "aaaa ", "\n", "..", "((", "ab-"])
def test_a_model_in_a_loop_does_not_hold_a_metric(name: str, loop: str) -> None:
    metrics.get(name).measure([PROSE])  # Importing is not what is timed.
    start = time.perf_counter()
    metrics.get(name).measure([(loop * MAX_CHARACTERS)[:MAX_CHARACTERS]])
    assert time.perf_counter() - start < 1.0


def test_reading_about_a_metric_imports_no_library() -> None:
    code = (
        "import sys; from stratix import metrics\n"
        f"for name in {FILES!r}: print(metrics.load(name).how, metrics.problem(name))\n"
        "print(sorted(set(sys.modules) & {'textstat', 'pkg_resources', 'profanity_check', 'numpy'}))"
    )
    assert run(code).endswith("[]\n")


def test_unknown_metric_lists_the_known() -> None:
    with pytest.raises(ValueError, match=r"there is no metric 'charm'; there are: .*readability.*toxicity"):
        metrics.get("charm")
    assert "there are: " in (metrics.problem("charm") or "")


def test_a_missing_library_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics.load("toxicity"), "needs", ("no_such_library",))
    assert metrics.problem("toxicity") == (
        "toxicity needs no_such_library: pip install 'open-stratix[metrics]'"
    )


def test_plugin_is_found_by_its_entry_point(plugin: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(plugin)!r}); from stratix import metrics; "
        "assert 'shouting' in metrics.names(); print(metrics.get('shouting').measure(['HEY', 'hey']))"
    )
    assert run(code) == "a library that chatters\n[1.0, 0.0]\n"
