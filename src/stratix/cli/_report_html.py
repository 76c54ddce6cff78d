"""A report as one page that loads nothing and runs nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from stratix.analysis.summary.wording import signed
from stratix.charts.render import svg
from stratix.charts.theme import Spec
from stratix.cli._compared import charts as compared_charts
from stratix.cli._report_charts import of_evaluation
from stratix.cli._report_data import ReportData, benchmark_of, model_of
from stratix.cli._report_text import share, spent

_WIDTH = re.compile(r'<svg [^>]*?\bwidth="([\d.]+)"')
_WIDE = 590.0


def as_html(data: ReportData) -> str:
    """Return a report as HTML.

    Everything that comes from outside is escaped; besides, the page's own policy lets nothing be loaded or
    run, and no style apply but its own.
    """
    style = files("stratix.cli").joinpath("templates/report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        loader=PackageLoader("stratix.cli"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(share=share, points=signed, moment=_moment, pretty=_pretty)
    return environment.get_template("report.html").render(
        data=data,
        # Both are our own: a style sheet, and drawings in which texts are text.
        style=Markup(style),  # noqa: S704  # our own
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        model_of=model_of,
        benchmark_of=benchmark_of,
        spent=spent,
        charts=[_drawn(of_evaluation(one.evaluation, one.figures)) for one in data.reported],
        compared=[_drawn(compared_charts(one)) for one in data.comparisons],
    )


@dataclass(frozen=True, slots=True)
class _Chart:
    """A drawn chart; a wide one would be too small beside another."""

    picture: Markup
    is_wide: bool


def _drawn(specs: Sequence[Spec]) -> list[_Chart]:
    drawn = [svg(spec) for spec in specs]
    return [_Chart(Markup(one), float(_WIDTH.findall(one)[0]) > _WIDE) for one in drawn]  # noqa: S704  # our own


def _moment(seconds: float | None) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if seconds else ""


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
