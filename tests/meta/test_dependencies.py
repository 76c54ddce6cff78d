"""What is declared in pyproject.toml is what the code imports and what the locks hold."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
OURS = {"layerlens", "stratix"}


def names(requirements: list[str]) -> set[str]:
    """Return the names of requirements as the registry spells them."""
    return {re.split(r"[\[<>=~! ;]", line)[0].lower().replace("_", "-") for line in requirements}


def pins(lock: Path) -> dict[str, set[str]]:
    """Return the versions that a lock holds for each package."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)==(\S+)", lock.read_text(), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def imported(folder: Path) -> dict[str, str]:
    """Return the packages that the modules of a folder import, each with a file that does."""
    found: dict[str, str] = {}
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules = [node.module]
            found |= {module.split(".")[0]: str(path.relative_to(ROOT)) for module in modules}
    return {name: where for name, where in found.items() if name not in sys.stdlib_module_names | OURS}


@pytest.mark.parametrize(
    ("package", "requirements"),
    [
        ("layerlens", PROJECT["project"]["dependencies"]),
        ("stratix", sum(EXTRAS.values(), PROJECT["project"]["dependencies"])),
    ],
)
def test_every_import_is_declared(package: str, requirements: list[str]) -> None:
    distributions = packages_distributions()
    declared = names(requirements)
    for name, where in imported(ROOT / "src" / package).items():
        providers = {
            distribution.lower().replace("_", "-") for distribution in distributions.get(name, [name])
        }
        assert providers & declared, f"{where} imports {name}, which pyproject.toml does not declare"


def test_demo_and_tests_use_the_same_versions() -> None:
    everything = pins(ROOT / "requirements" / "test.txt")
    for name, versions in pins(ROOT / "requirements" / "demo.txt").items():
        assert versions <= everything.get(name, set()), f"{name} differs; run `make lock`"


# One of its own requirements exists as source only, which the locks keep out; tests that want it are skipped.
UNLOCKED = {"reasoning"}


def test_locks_hold_every_declared_dependency() -> None:
    extras = [needs for extra, needs in EXTRAS.items() if extra not in UNLOCKED]
    groups = [*extras, *PROJECT["dependency-groups"].values()]
    declared = names(sum(groups, PROJECT["project"]["dependencies"]))
    locked = set().union(*(pins(lock) for lock in LOCKS))
    assert declared <= locked, f"run `make lock` for {declared - locked}"


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
    for line in requirements:
        assert re.match(r"[a-z0-9._-]+==\S+ ", line), f"not pinned: {line[:80]}"
        assert re.search(r" --hash=sha256:[0-9a-f]{64}", line), f"no hash: {line[:80]}"
