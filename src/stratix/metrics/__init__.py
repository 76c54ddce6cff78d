"""Metrics: each measures a side of answers that is not right or wrong; one file each, found by its name.

    >>> from stratix import metrics
    >>> metrics.get("readability").measure(["The cat sat on the mat.", ""])
    [1.0, None]

A metric is a file of this folder that defines a subclass of `Metric` whose `name` is the file's, or an
entry point of the group `stratix.metrics` in an installed plugin. Their libraries come with the extra
`open-stratix[metrics]`. What takes a judge model is a data file of the folder `rubrics` instead.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

from stratix.metrics._rubrics import RubricMetric, rubric_metrics
from stratix.metrics.base import MAX_CHARACTERS, Metric
from stratix.plugins import Plugins, named

__all__ = [
    "MAX_CHARACTERS",
    "Metric",
    "RubricMetric",
    "get",
    "load",
    "names",
    "problem",
    "rubric_metrics",
]

_plugins = Plugins("metric", __file__, __name__, "stratix.metrics", but=["base", "process"])


def names() -> tuple[str, ...]:
    """Return the names of all metrics that need no judge, those of plugins included, sorted.

    Imports none of them.
    """
    return _plugins.names()


@cache
def load(name: str) -> type[Metric]:
    """Return the class of a metric, importing its file alone.

    Raises:
        ValueError: there is no metric of that name; the message lists those there are.
    """
    found = _plugins.load(name, named(name), others=rubric_metrics())
    if not (isinstance(found, type) and issubclass(found, Metric)):
        raise ValueError(f"the metric {name!r} is not a subclass of stratix.metrics.Metric")
    return found


@cache
def get(name: str) -> Metric:
    """Return the metric of a name, made once a process.

    Raises:
        ValueError: there is no metric of that name; the message lists those there are.
    """
    return load(name)()


def problem(name: str, *, judged: bool = False) -> str | None:
    """Say why a metric cannot be measured and what to do about it; None when it can be.

    Args:
        name: one of `names()` or of `rubric_metrics()`.
        judged: True if there is a judge model.
    """
    if name in rubric_metrics():
        return None if judged else f"{name} is graded by a model: choose a judge"
    try:
        needs = load(name).needs
    except ValueError as error:
        return str(error)
    missing = [module for module in needs if find_spec(module) is None]
    if not missing:
        return None
    return f"{name} needs {', '.join(missing)}: pip install 'open-stratix[metrics]'"
