"""Preparing a public benchmark: its files fetched or imported, checked, read, and given a version."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from stratix.benchmarks.base import Prompt, Task
from stratix.benchmarks.download import Progress
from stratix.benchmarks.fetch import CannotInstall, Fetched, fetch, import_from
from stratix.benchmarks.lines import BadBenchmarkFile
from stratix.benchmarks.reading import read
from stratix.benchmarks.template import fill
from stratix.catalogue import BenchmarkEntry, Example, FewShot

__all__ = ["CannotInstall", "Prepared", "VersionHash", "prepare", "version_of"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A benchmark that is ready to be stored.

    Attributes:
        entry: of the catalogue.
        fetched: the files it was read from.
        task: how it is put to a model and scored, with its worked examples.
        version: SHA-256 over its prompts and its task, in hex; equal content has an equal version.
        prompt_count: how many prompts it has.
        findings: what a person should know of where the data came from, a line each.
    """

    entry: BenchmarkEntry
    fetched: Fetched
    task: Task
    version: str
    prompt_count: int
    findings: tuple[str, ...]

    @property
    def prompts(self) -> Iterator[Prompt]:
        """Its prompts, in order; read anew from the files each time."""
        return _read(self.entry, self.fetched)


def prepare(
    entry: BenchmarkEntry, source: Path | None, cache_dir: Path, progress: Progress | None = None
) -> Prepared:
    """Fetch or import a benchmark's files, check them, and read all of them once.

    Args:
        entry: which benchmark.
        source: a file or folder to import from; None to fetch from the entry's sources.
        cache_dir: folder for downloads, made when missing.
        progress: called with the bytes had and wanted (None where not known) of the file at hand.

    Raises:
        CannotInstall: the files are not to be had, are not the published ones, or cannot be read.
    """
    fetched = import_from(entry, source) if source else fetch(entry, cache_dir, progress)
    ids: set[str] = set()

    def unique() -> Iterator[Prompt]:
        for prompt in _read(entry, fetched):
            if prompt.id in ids:
                raise BadBenchmarkFile(f"the id {prompt.id} occurs twice")
            ids.add(prompt.id)
            yield prompt

    try:
        task = _with_examples(entry, fetched)
        version = version_of(task, unique())
    except BadBenchmarkFile as error:
        raise CannotInstall(f"{entry.name} cannot be read: {error}") from error
    if not ids:
        raise CannotInstall(f"{entry.name} cannot be read: its files hold no prompts.")
    return Prepared(entry, fetched, task, version, len(ids), tuple(_findings(entry, fetched, len(ids))))


class VersionHash:
    """The SHA-256 over a benchmark's task and prompts; it depends on nothing else."""

    def __init__(self, task: Task) -> None:
        self._digest = hashlib.sha256(_canonical(task.model_dump(mode="json")))

    def add(self, prompt: Prompt) -> None:
        """Take the next prompt."""
        self._digest.update(_canonical(asdict(prompt)))

    def hexdigest(self) -> str:
        """Return the hash, in hex."""
        return self._digest.hexdigest()


def version_of(task: Task, prompts: Iterable[Prompt]) -> str:
    """Return the version of a benchmark with this task and these prompts, a SHA-256 in hex."""
    version = VersionHash(task)
    for prompt in prompts:
        version.add(prompt)
    return version.hexdigest()


def _with_examples(entry: BenchmarkEntry, fetched: Fetched) -> Task:
    """Return the task with the worked examples of its source's files."""
    if entry.few_shot is None or not fetched.examples:
        return entry.task
    found: dict[str, tuple[Example, ...]] = {}
    spec = fetched.source.examples_reader or entry.reader_of(fetched.source)
    for prompt in read(spec, [file.path for file in fetched.examples]):
        before = found.get(prompt.subset, ())
        if len(before) < entry.few_shot.most:
            found[prompt.subset] = (*before, _example(entry.few_shot, prompt))
        elif not prompt.subset:  # Training sets are long, and the rest is of no use.
            break
    return entry.task.model_copy(update={"examples": {**entry.task.examples, **found}})


def _example(few_shot: FewShot, prompt: Prompt) -> Example:
    reply = ""
    if few_shot.reply:
        shown = {name: _cut(few_shot.cut, value) for name, value in prompt.metadata.items()}
        shown["truth"] = prompt.truth
        reply = fill(few_shot.reply, replace(prompt, metadata=shown))
    return Example(
        input=str(prompt.input),
        truth=prompt.truth,
        choices=prompt.choices,
        metadata=dict(prompt.metadata),
        reply=reply,
    )


def _cut(pattern: str, value: object) -> object:
    return re.sub(pattern, "", value).strip() if pattern and isinstance(value, str) else value


def _canonical(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=dict)
    return text.encode() + b"\n"


def _read(entry: BenchmarkEntry, fetched: Fetched) -> Iterator[Prompt]:
    return read(entry.reader_of(fetched.source), [file.path for file in fetched.files])


def _findings(entry: BenchmarkEntry, fetched: Fetched, count: int) -> Iterator[str]:
    there = (*fetched.files, *fetched.examples)
    for file in there:
        remark = "verified" if file.verified else "not verified against a published hash"
        yield f"{file.path.name}: {file.origin}, SHA-256 {file.sha256}, {remark}"
    if fetched.missing:
        names, total = (
            ", ".join(fetched.missing),
            len(fetched.missing) + len(fetched.files) + len(fetched.examples),
        )
        yield f"incomplete: {len(fetched.missing)} of {total} files were not there ({names})"
    if count != entry.prompt_count:
        yield f"has {count} prompts; the complete benchmark has {entry.prompt_count}"
    if fetched.lacking:
        yield f"without worked examples, or without all of them: {fetched.lacking}"
    if fetched.source.note:
        yield fetched.source.note
