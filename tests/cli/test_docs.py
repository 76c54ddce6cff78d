"""docs/cli.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from stratix.cli._errors import ExitCode
from stratix.exporting import COLUMNS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def test_every_exit_code_is_documented() -> None:
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)] == list(ExitCode)


def test_every_column_of_an_export_is_documented_in_order() -> None:
    _, _, listed = PAGE.partition("An export has the columns")
    assert re.findall(r"`(\w+)`", listed.partition("The file")[0]) == list(COLUMNS)


def test_picture_of_the_demo_loads_nothing() -> None:
    picture = (ROOT / "docs" / "images" / "demo.svg").read_text(encoding="utf-8")
    assert "accuracy" in picture
    assert not re.search(r"url\(\"?http|@font-face|@import|href=", picture)
