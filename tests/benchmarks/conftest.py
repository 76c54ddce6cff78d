"""Fixtures: a file server, and the published data where it is at hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.benchmarks.file_server import FileServer, serving

DATA = Path(__file__).parents[2] / "../shared/data"


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving() as state:
        yield state


@pytest.fixture(scope="session")
def data() -> Path:
    if not DATA.is_dir():
        pytest.skip("the published benchmark data (../shared/data) is not at hand")
    return DATA.resolve()
