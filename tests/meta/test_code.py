"""Habits of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "src").rglob("*.py"))
GENERATED = ROOT / "src" / "layerlens" / "_sync"
MAX_LINES = 400

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def written() -> list[Path]:
    """Return every Python file that people write: sources, tests and scripts."""
    folders = ("src", "tests", "scripts", "examples", "benchmarks")
    files = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in files if GENERATED not in path.parents)


def public(body: list[ast.stmt]) -> Iterator[Documented]:
    """Yield the public functions, classes and methods of a module or class."""
    for node in body:
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)


def inherits_docstring(node: Documented) -> bool:
    """Tell whether a definition takes its words from elsewhere: an override, a setter or an overload."""
    names = {ast.unparse(decorator).rsplit(".", 1)[-1] for decorator in node.decorator_list}
    return bool(names & {"override", "setter", "overload"})


@pytest.mark.parametrize("path", written(), ids=name_of)
def test_file_is_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_LINES, f"{name_of(path)} has {lines} lines: give each of its subjects a file"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_public_names_are_documented(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if path.name != "__init__.py" or tree.body:
        assert ast.get_docstring(tree), f"{name_of(path)}: the module has no docstring"
    for node in public(tree.body):
        if inherits_docstring(node):
            continue
        docstring = ast.get_docstring(node)
        assert docstring, f"{name_of(path)}:{node.lineno}: {node.name} has no docstring"
        opening = docstring.split("\n\n", 1)[0].strip()
        assert opening.endswith((".", ":", "?", "!")), (
            f"{name_of(path)}:{node.lineno}: the docstring of {node.name} does not open with a sentence"
        )


def test_every_setting_is_documented() -> None:
    from stratix.settings import Settings

    page = (ROOT / "docs" / "server.md").read_text(encoding="utf-8")
    documented = {name.lower() for name in re.findall(r"^\| `STRATIX_(\w+)`", page, re.MULTILINE)}
    assert documented == set(Settings.model_fields)
