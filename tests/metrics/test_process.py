"""The process that measures: answers, and what comes of its end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stratix import metrics
from stratix.metrics.process import CannotMeasure, MetricProcess


@pytest.fixture
async def process(plugin: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MetricProcess]:
    paths = [str(plugin), str(Path(metrics.__file__).parents[2])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    process = MetricProcess(seconds=15.0)
    yield process
    await process.close()


async def test_it_gives_what_the_metric_gives(process: MetricProcess) -> None:
    texts = ["The cat sat on the mat.", "", "\ud800 \x00 日本"]
    for name in ("readability", "toxicity"):
        assert await process.values(name, texts) == pytest.approx(metrics.get(name).measure(texts))
    assert await process.values("readability", []) == []


async def test_several_may_ask_at_once(process: MetricProcess) -> None:
    asked = [["HEY"] * n + ["hey"] for n in range(1, 20)]
    found = await asyncio.gather(*(process.values("shouting", texts) for texts in asked))
    assert found == [[1.0] * n + [0.0] for n in range(1, 20)]


async def test_a_text_that_raises_costs_its_own_value(process: MetricProcess) -> None:
    assert await process.values("shouting", ["HEY", "raise", "", "hey"]) == [1.0, None, None, 0.0]
    with pytest.raises(CannotMeasure, match="cannot hear"):
        await process.values("shouting", ["raise"])


async def test_a_value_out_of_range_is_no_value(process: MetricProcess) -> None:
    with pytest.raises(CannotMeasure, match=r"7\.0, which is not 0\.0 to 1\.0"):
        await process.values("shouting", ["too much"])


async def test_after_a_crash_it_starts_again(process: MetricProcess) -> None:
    with pytest.raises(CannotMeasure, match="exit code 3"):
        await process.values("shouting", ["HEY", "die"])
    assert await process.values("shouting", ["HEY"]) == [1.0]


async def test_what_takes_too_long_is_given_up(process: MetricProcess) -> None:
    assert await process.values("shouting", ["HEY"]) == [1.0]
    process._seconds = 0.3
    with pytest.raises(CannotMeasure, match=r"no answer within 0\.3 s"):
        await process.values("shouting", ["sleep"])
    process._seconds = 15.0
    assert await process.values("shouting", ["HEY"]) == [1.0]


async def test_a_cancelled_question_leaves_no_answer_behind(process: MetricProcess) -> None:
    assert await process.values("shouting", ["HEY"]) == [1.0]
    asking = asyncio.create_task(process.values("shouting", ["sleep"]))
    await asyncio.sleep(0.1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await process.values("shouting", ["hey", "HEY"]) == [0.0, 1.0]


async def test_an_unknown_metric_is_said(process: MetricProcess) -> None:
    with pytest.raises(CannotMeasure, match="there are: .*readability"):
        await process.values("charm", ["x"])


def test_it_does_not_outlive_a_killed_parent() -> None:
    code = (
        "import asyncio, os\n"
        "from stratix.metrics.process import MetricProcess\n"
        "async def main():\n"
        "    process = MetricProcess()\n"
        "    await process.values('readability', ['The cat sat.'])\n"
        "    print(process._process.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert os.getpriority(os.PRIO_PROCESS, child) > os.getpriority(os.PRIO_PROCESS, parent.pid)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while _is_running(child):
        assert time.monotonic() < deadline, "it is still there"
        time.sleep(0.05)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
