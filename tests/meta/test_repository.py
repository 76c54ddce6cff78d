"""The repository says nothing about the machine it was made on, or about where packages come from."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BINARY = {".png", ".svg", ".gif", ".ico", ".woff2", ".parquet", ".gz"}


def files() -> list[Path]:
    """Return the files that git holds or would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git work tree")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_machine_or_a_registry() -> None:
    # Written in pieces, so that this file passes its own test.
    registries = "|".join(["py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.org"])
    forbidden = re.compile(rf"(?<![\w.])/(?:home|root|work|Users)/\w|{registries}")
    for path in files():
        if path.suffix in BINARY:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert not forbidden.search(line), f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
