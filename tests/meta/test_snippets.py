"""Every Python snippet of the README and the documentation compiles and imports what exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def snippets() -> list[tuple[str, str]]:
    """Return `page:line` and the code of every snippet, padded so that errors name the page's own line."""
    found = []
    for page in PAGES:
        text = page.read_text()
        for match in FENCED.finditer(text):
            line = text.count("\n", 0, match.start(1))
            found.append((f"{page.relative_to(ROOT)}:{line}", "\n" * line + match.group(1)))
    return found


SNIPPETS = snippets()


def needs_server(tree: ast.Module) -> bool:
    """Tell whether a snippet does more than import and define, and so wants a running server."""
    passive = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return not all(isinstance(node, passive) for node in tree.body)


@pytest.mark.parametrize(("where", "code"), SNIPPETS, ids=[where for where, _ in SNIPPETS])
def test_snippet(where: str, code: str) -> None:
    tree = ast.parse(code, filename=where)
    imports: list[ast.stmt] = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert imports, f"{where}: a snippet is whole, with its imports, so that it can be pasted and run"
    compile(tree, where, "exec")
    # What talks to a server is run against a real one in tests/flow; here only its imports are.
    body = imports if needs_server(tree) else tree.body
    exec(compile(ast.Module(body, []), where, "exec"), {})


def test_there_are_snippets() -> None:
    assert len(SNIPPETS) >= 5
