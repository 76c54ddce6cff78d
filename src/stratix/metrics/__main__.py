"""The process that measures: `python -m stratix.metrics`.

Reads one JSON object a line, `{"metric": NAME, "texts": [...]}`, and answers each with one line,
`{"values": [...]}` or `{"error": TEXT}`. It ends with its input, and so with whoever started it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from stratix import metrics
from stratix.metrics import Metric

_NICENESS = 10


def main() -> None:
    """Answer until the input ends, at a low priority and with standard output kept for answers."""
    os.nice(_NICENESS)
    with os.fdopen(os.dup(1), "w", buffering=1, encoding="ascii") as answers:
        os.dup2(2, 1)  # What libraries print must not get among the answers.
        for line in sys.stdin.buffer:
            answers.write(json.dumps(_answer(json.loads(line))) + "\n")


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"values": _measure(metrics.get(request["metric"]), request["texts"])}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def _measure(metric: Metric, texts: Sequence[str]) -> list[float | None]:
    """Measure a batch; where that raises, each text alone, so that one bad text costs its own value."""
    try:
        return _checked(metric, texts)
    except ImportError:
        raise
    except Exception:  # Whatever a library raises over one text must not cost the others theirs.
        if len(texts) == 1:
            raise
        values: list[float | None] = []
        for text in texts:
            try:
                values += _checked(metric, [text])
            except Exception:  # None is "not measured", which is told from 0.
                values.append(None)
        return values


def _checked(metric: Metric, texts: Sequence[str]) -> list[float | None]:
    values = [None if value is None else float(value) for value in metric.measure(texts)]
    if len(values) != len(texts):
        raise ValueError(f"{metric.name} gave {len(values)} values for {len(texts)} texts")
    if bad := [value for value in values if value is not None and not 0.0 <= value <= 1.0]:
        raise ValueError(f"{metric.name} gave {bad[0]!r}, which is not 0.0 to 1.0")
    return values


if __name__ == "__main__":
    main()
