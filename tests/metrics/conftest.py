from __future__ import annotations

from pathlib import Path

import pytest

SHOUTING = """
import os, time
from stratix.metrics import Metric

class Shouting(Metric):
    name = "shouting"
    how = "1.0 where a text is in capitals, else 0.0"

    def measure(self, texts):
        print("a library that chatters")
        if "die" in texts:
            os._exit(3)
        if "sleep" in texts:
            time.sleep(60)
        if "too much" in texts:
            return [7.0] * len(texts)
        if "raise" in texts:
            raise RuntimeError("cannot hear")
        return [float(text.isupper()) if text else None for text in texts]
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A folder that, on the path, is an installed plugin with the metric `shouting`."""
    (tmp_path / "shouting.py").write_text(SHOUTING)
    info = tmp_path / "shouting-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[stratix.metrics]\nshouting = shouting:Shouting\n")
    return tmp_path
