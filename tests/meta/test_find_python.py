"""`make` finds a Python that can make the virtual environment, or says what is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "find-python"


def find(*candidates: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(SCRIPT), *candidates], capture_output=True, text=True, timeout=60)


def pretend(folder: Path, name: str, *, version: str, new_enough: bool, complete: bool) -> str:
    """Write a program that answers the script's three questions as such a Python would."""
    program = folder / name
    program.write_text(
        "#!/bin/sh\n"
        'case "$2" in\n'
        f"  *print*) echo {version} ;;\n"
        f"  *ensurepip*) exit {0 if complete else 1} ;;\n"
        f"  *) exit {0 if new_enough else 1} ;;\n"
        "esac\n"
    )
    program.chmod(0o755)
    return str(program)


def test_the_first_that_works_is_taken(tmp_path: Path) -> None:
    old = pretend(tmp_path, "old", version="3.9", new_enough=False, complete=True)
    found = find("no-such-python", old, sys.executable)
    assert (found.returncode, found.stdout.strip()) == (0, sys.executable)


@pytest.mark.parametrize(
    ("new_enough", "complete", "says"),
    [(False, True, "found only:"), (True, False, "apt-get install python3-venv")],
)
def test_it_says_what_is_missing(tmp_path: Path, new_enough: bool, complete: bool, says: str) -> None:
    found = find(pretend(tmp_path, "some", version="3.10", new_enough=new_enough, complete=complete))
    assert found.returncode == 1
    assert not found.stdout
    assert says in found.stderr


def test_no_python_at_all() -> None:
    found = find("no-such-python")
    assert found.returncode == 1
    assert "Stratix needs Python 3.11 or newer" in found.stderr
