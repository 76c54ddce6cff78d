"""Reading the files that a custom benchmark is made of."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from layerlens.models import CustomBenchmarkCreate
from stratix.api import _custom_task
from stratix.api._chores import Seen
from stratix.benchmarks.base import Prompt, Task
from stratix.benchmarks.custom import BadBenchmarkFile, File, Request, draft
from stratix.benchmarks.install import VersionHash
from stratix.benchmarks.store import row_of
from stratix.storage.database import Record

HEAD_BYTES = 1_000_000
"""Bytes of a file that are read for a sample; smaller files are read whole."""

_BY_LINES = {".jsonl", ".csv", ".tsv"}
_QUOTED = {".csv", ".tsv"}
_TELL_ROWS = 1_000
_SPACE = re.compile(r"[ \t\n\r]*")
_LONGEST_ESCAPE = 12


@dataclass(frozen=True, slots=True)
class Made:
    """A benchmark that could be stored.

    Attributes:
        format: of the file.
        prompts: in order.
        task: the settings.
        findings: how the file was understood.
        columns: of the file, for a mapping.
        is_sample: whether only the first rows were looked at.
    """

    format: str
    prompts: list[Prompt]
    task: Task
    findings: list[str]
    columns: tuple[str, ...]
    is_sample: bool

    def preview(self) -> dict[str, Any]:
        """Return what a dry run answers."""
        return {
            "format": self.format,
            "prompt_count": len(self.prompts),
            "is_sample": self.is_sample,
            "task": self.task.model_dump(mode="json"),
            "findings": self.findings,
            "columns": list(self.columns),
            "prompts": _custom_task.preview(self.task, self.prompts),
        }

    def version(self) -> str:
        """Return the hash over prompts and settings."""
        version = VersionHash(self.task)
        for prompt in self.prompts:
            version.add(prompt)
        return version.hexdigest()

    def rows(self, seen: Seen | None) -> Iterator[dict[str, Any]]:
        """Yield the rows to store, and tell how many of them there have been."""
        for number, prompt in enumerate(self.prompts):
            if seen is not None and number % _TELL_ROWS == 0:
                seen(number, len(self.prompts))
            yield row_of(prompt)
        if seen is not None:
            seen(len(self.prompts), len(self.prompts))


def is_enough(file: Record) -> bool:
    """Tell whether what was read of an uploaded file is all of it, or will do for a sample."""
    suffix = PurePath(file.filename).suffix.lower()
    return (
        len(file.content) == file.size
        or suffix in _BY_LINES
        or (suffix == ".json" and bool(_whole_elements(file.content)))
    )


def make(
    body: CustomBenchmarkCreate, given: Mapping[str, Any], files: Sequence[Record], seen: Seen | None = None
) -> Made:
    """Read and check it all, or a sample of it.

    Args:
        body: what was asked for.
        given: the settings it states.
        files: the uploaded ones; of a large one the beginning will do for a sample.
        seen: told how many rows there have been.

    Raises:
        BadBenchmarkFile: the file cannot be used.
        ApiError: 422, the settings do not fit it.
    """
    sample = body.sample if body.dry_run and files[0].size > HEAD_BYTES else None
    request = Request(
        input_type=None if body.input_type == "text" else body.input_type,
        mapping=body.mapping,
        template=given.get("template"),
        scorer_chosen="scorer" in given,
        sample=sample,
    )
    file, *data = [File(one.filename, _whole_rows(one)) for one in files]
    name, found = draft(file, data, request, body.format)
    prompts: list[Prompt] = []
    try:
        for prompt in found.prompts:
            if seen is not None and len(prompts) % _TELL_ROWS == 0:
                seen(len(prompts), None)
            prompts.append(prompt)
    except BadBenchmarkFile as error:
        error.columns = error.columns or found.columns
        raise
    task = _custom_task.complete(given, found.task, {prompt.subset for prompt in prompts})
    findings = [*found.findings, *_custom_task.tried(task, prompts)]
    is_sample = sample is not None and (len(file.content) < files[0].size or len(prompts) >= sample)
    return Made(name, prompts, task, findings, found.columns, is_sample)


def _whole_rows(file: Record) -> bytes:
    """Return the bytes of a file that were read, without a last row that is not all there."""
    content: bytes = file.content
    if len(content) == file.size:
        return content
    suffix = PurePath(file.filename).suffix.lower()
    if suffix == ".json":
        return _whole_elements(content)
    cut = content.rfind(b"\n") + 1
    if suffix in _QUOTED:
        # A line that ends inside quotes goes on; an even number of them stands before the end of a row.
        while cut and content.count(b'"', 0, cut) % 2:
            cut = content.rfind(b"\n", 0, cut - 1) + 1
    return content[: cut or None]


def _whole_elements(content: bytes) -> bytes:
    """Return the beginning of a JSON list as a list of the elements that are all there.

    Empty where no element is, and where it is no list or no JSON: the whole file tells what it is then.
    """
    try:
        # The last character may be cut through.
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(content)
    except UnicodeDecodeError:
        return b""
    at = _after_space(text, 0)
    if text[at : at + 1] != "[":
        return b""
    decoder = json.JSONDecoder()
    end = 0
    try:
        while at < len(text):
            _, at = decoder.raw_decode(text, _after_space(text, at + 1))
            at = _after_space(text, at)
            if text[at : at + 1] == ",":
                end = at
            elif at < len(text):
                return b""
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Unterminated") and error.pos < len(text) - _LONGEST_ESCAPE:
            return b""
    except (ValueError, RecursionError):
        return b""
    return f"{text[:end]}]".encode() if end else b""


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
