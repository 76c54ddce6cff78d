from __future__ import annotations

from pathlib import Path

import pytest
from tests.support import metric


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A folder that, on the path, is an installed plugin with the metric `shouting`."""
    return metric.install(tmp_path / "plugin")
