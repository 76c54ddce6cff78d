"""An installed plugin with a metric that behaves badly when a text tells it to."""

from __future__ import annotations

from pathlib import Path

_CODE = """
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
        if "nap once" in texts and not os.path.exists(os.environ["NAP"]):
            open(os.environ["NAP"], "x").close()
            time.sleep(60)
        return [float(text.isupper()) if text else None for text in texts]
"""


def install(folder: Path) -> Path:
    """Return a folder that, on the path, is an installed plugin with the metric `shouting`."""
    info = folder / "shouting-1.dist-info"
    info.mkdir(parents=True)
    (folder / "shouting.py").write_text(_CODE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[stratix.metrics]\nshouting = shouting:Shouting\n")
    return folder
