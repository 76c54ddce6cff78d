"""The log: what each line is about, as text and as JSON, and what never stands in it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from stratix import logs
from stratix.settings import Settings

PASSWORD, WRITTEN, KEY = "a-p@ssword-of-the-test", "a-p%40ssword-of-the-test", "sk-a-key-of-the-test"
log = logging.getLogger("stratix.of.the.test")


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Put the root logger back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    yield
    root.handlers, root.level = handlers, level


def begin(tmp_path: Path, **settings: str) -> None:
    database_url = f"postgresql://stratix:{WRITTEN}@db/stratix"
    found = Settings(data_dir=tmp_path, database_url=database_url, log_level="info", **settings)
    logs.begin(found, worker="w-1")


def test_a_line_of_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begin(tmp_path, log_format="json")
    with logs.about(evaluation="eval_1"), logs.about(slice="0-250"):
        log.info("two\nlines %s", "\ud800")
    log.debug("not shown")
    (line,) = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert found.pop("time").endswith("+00:00")
    assert found == {
        "level": "info",
        "logger": "stratix.of.the.test",
        "message": "two\nlines ?",
        "worker": "w-1",
        "evaluation": "eval_1",
        "slice": "0-250",
    }


def test_an_exception_stays_in_its_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begin(tmp_path, log_format="json")
    try:
        raise ValueError(f"at {PASSWORD}")
    except ValueError:
        log.exception("broke")
    (line,) = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert found["level"] == "error"
    assert found["exception"].endswith("ValueError: at [hidden]")


def test_a_line_of_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begin(tmp_path)
    with logs.about(evaluation="eval_1", slice="0-250"):
        log.warning("it breaks")
    log.warning("nothing in hand")
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("WARNING stratix.of.the.test: it breaks [worker=w-1 evaluation=eval_1 slice=0-250]")
    assert second.endswith("nothing in hand [worker=w-1]")


@pytest.mark.parametrize("kind", ["text", "json"])
def test_secrets_are_hidden(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("SOME_PROVIDER_API_KEY", KEY)
    begin(tmp_path, log_format=kind, secret_key="a-secret-key-of-the-test")
    log.error("%s, %s, %s and %s", PASSWORD, WRITTEN, f"Bearer {KEY}", "a-secret-key-of-the-test")
    text = capsys.readouterr().err
    assert text.count("[hidden]") == 4
    assert "of-the-test" not in text


def test_tasks_carry_what_they_were_begun_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        log.info("works")

    async def main() -> None:
        with logs.about(evaluation="one", slice="0-1"):
            first = asyncio.create_task(work())
            with logs.about(slice=""):
                second = asyncio.create_task(work())
        with logs.about(evaluation="two"):
            third = asyncio.create_task(work())
        await asyncio.gather(first, second, third)

    begin(tmp_path, log_format="json")
    asyncio.run(main())
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    about = [(line["evaluation"], line.get("slice")) for line in lines if line["message"] == "works"]
    assert about == [("one", "0-1"), ("one", None), ("two", None)]
