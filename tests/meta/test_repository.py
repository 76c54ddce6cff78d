"""The repository says nothing about the machine it was made on, and its locks install the same everywhere."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
BINARY = {".png", ".svg", ".gif", ".ico", ".woff2", ".parquet", ".gz"}


def tracked() -> list[Path]:
    """Return the files that a commit of the work tree would hold, or all of an unpacked archive."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git work tree")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_lock_names_no_place(lock: Path) -> None:
    for number, line in enumerate(lock.read_text().splitlines(), 1):
        assert "://" not in line, f"{lock.name}:{number} holds an address"
        assert not re.match(r"\s*-(?!-hash)", line), f"{lock.name}:{number} holds an option"
        assert not re.search(r"file:| @ |(^|\s)\.?\.?/", line), f"{lock.name}:{number} holds a path"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_lock_pins_every_requirement_with_hashes(lock: Path) -> None:
    text = re.sub(r"^\s*#.*\n?", "", lock.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    requirements = [line for line in text.splitlines() if line.strip()]
    assert requirements
    for requirement in requirements:
        assert re.match(r"[a-z0-9._-]+(\[[a-z0-9,._-]+\])?==\S+ ", requirement), (
            f"not pinned: {requirement[:80]}"
        )
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", requirement), f"no hash: {requirement[:80]}"


def pins(lock: str) -> dict[str, set[str]]:
    """Return the versions that a lock holds for each package."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([a-z0-9._-]+)==(\S+)", (ROOT / "requirements" / lock).read_text(), re.MULTILINE
    ):
        found.setdefault(name, set()).add(version)
    return found


def test_demo_and_tests_use_the_same_versions() -> None:
    everything = pins("test.txt")
    for name, versions in pins("demo.txt").items():
        assert versions <= everything.get(name, set()), f"{name} differs; run `make lock`"


def test_locks_hold_every_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = project["project"]["dependencies"] + [
        requirement
        for group in (project["project"]["optional-dependencies"], project["dependency-groups"])
        for requirements in group.values()
        for requirement in requirements
    ]
    locked = set().union(*(pins(lock.name) for lock in LOCKS))
    names = {re.split(r"[\[<>=~! ;]", requirement)[0].lower().replace("_", "-") for requirement in declared}
    assert names <= locked, f"run `make lock` for {names - locked}"


def test_no_file_names_a_machine_or_a_registry() -> None:
    # Written in pieces, so that this file passes its own test.
    registries = "|".join(["py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.org"])
    forbidden = re.compile(rf"(?<![\w.])/(?:home|root|work|Users)/\w|{registries}")
    for path in tracked():
        if path.suffix in BINARY:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert not forbidden.search(line), f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
