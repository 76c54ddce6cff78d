"""Reading a file of prompts in a process of its own, under limits, so that a hostile one harms nobody."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from layerlens.models import ColumnMapping
from stratix.benchmarks import formats, limited
from stratix.benchmarks.base import Prompt
from stratix.benchmarks.formats import Draft, File, Request
from stratix.benchmarks.lines import BadBenchmarkFile


def read(name: str, file: File, data: Sequence[File], request: Request) -> Draft:
    """Return the benchmark that a file of a format describes.

    Args:
        name: of the format.
        file: the file.
        data: further files that it refers to.
        request: what the user says about it.

    Raises:
        BadBenchmarkFile: the file cannot be used, or takes more memory or time than it may.
        RuntimeError: the process failed for no fault of the file's.
    """
    with tempfile.TemporaryDirectory(prefix="stratix-import-") as place:
        folder = Path(place)
        mapping = request.mapping.model_dump() if request.mapping else None
        asked = {
            "format": name,
            "files": [one.name for one in (file, *data)],
            "request": {**asdict(request), "mapping": mapping},
        }
        (folder / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
        for number, one in enumerate((file, *data)):
            (folder / f"file-{number}").write_bytes(one.content)
        try:
            limited.run(__name__, folder)
        except limited.TooMuch:
            raise _too_much(file) from None
        found = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
        if "error" in found:
            problems = [(number, reason) for number, reason in found["problems"]]
            bad = BadBenchmarkFile(found["error"], problems, found["more"], found["noun"])
            bad.columns = tuple(found["columns"])
            raise bad
        with (folder / "prompts.jsonl").open(encoding="utf-8") as lines:
            prompts = [_prompt(json.loads(line)) for line in lines]
        return Draft(prompts, found["task"], found["findings"], tuple(found["columns"]))


def _too_much(file: File) -> BadBenchmarkFile:
    return BadBenchmarkFile(
        f"{file.name} cannot be read within {limited.LIMITS} of prompts: it was stopped. Split it, or write "
        "the rows out as JSONL."
    )


def _prompt(row: dict[str, Any]) -> Prompt:
    return Prompt(**{**row, "aliases": tuple(row["aliases"]), "choices": tuple(row["choices"])})


def _main(folder: Path) -> None:
    """Read the files of a folder and leave what they describe there."""
    asked = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
    said = asked["request"]
    mapping = said.pop("mapping")
    request = Request(**said, mapping=ColumnMapping.model_validate(mapping) if mapping else None)
    files = [File(n, (folder / f"file-{i}").read_bytes()) for i, n in enumerate(asked["files"])]
    format_ = formats.load(asked["format"])
    draft: Draft | None = None
    try:
        draft = format_.read(files[0], files[1:], request)
        with (folder / "prompts.jsonl").open("w", encoding="utf-8") as out:
            for prompt in draft.prompts:
                out.write(json.dumps(asdict(prompt)) + "\n")
        answer: dict[str, Any] = {
            "task": draft.task,
            "findings": draft.findings,
            "columns": draft.columns,
        }
    except BadBenchmarkFile as error:
        answer = {
            "error": error.summary,
            "problems": error.problems,
            "more": error.more,
            "noun": error.noun,
            "columns": error.columns or (draft.columns if draft else ()),
        }
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    limited.main(_main)
