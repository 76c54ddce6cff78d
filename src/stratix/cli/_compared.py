"""A comparison of evaluations for people to read: sentences, and tables with intervals drawn in them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from layerlens.models import (
    ComparedEvaluation,
    ComparisonReport,
    Disagreement,
    FourCells,
    PairedComparison,
    PairedDifference,
)
from stratix.analysis.summary.wording import signed
from stratix.charts import comparison
from stratix.charts.theme import Spec
from stratix.cli._intervals import bar, span
from stratix.cli._output import make_table, plain
from stratix.cli._report import outcome_text, percent

_CELL = 60


def rendered(report: ComparisonReport, rows: Sequence[Disagreement]) -> RenderableType:
    """Return a comparison for people to read."""
    names = _names(report)
    title = (plain(report.benchmark_name, 80), "bold")
    parts: list[RenderableType] = [
        Text.assemble(title, f": {len(report.evaluations)} evaluations"),
        _evaluations(report.evaluations),
    ]
    for pair in report.pairs:
        sure = pair.overall is not None and pair.overall.is_beyond_chance
        parts.append(Text(plain(pair.conclusion), "bold" if sure else ""))
        parts += [Text(plain(said), "yellow") for said in pair.notes]
    overall = [(pair, pair.overall) for pair in report.pairs if pair.overall is not None]
    if overall:
        labels = [_label(names, pair) for pair, _ in overall]
        parts.append(_differences("", labels, [found for _, found in overall]))
    for pair, found in overall:
        if len(report.pairs) == 1:
            first, second = names[pair.evaluation_id_1], names[pair.evaluation_id_2]
            parts.append(_cells(found.cells, first, second))
        if pair.subsets:
            heading = "subset" if len(report.pairs) == 1 else _label(names, pair)
            labels = [plain(part.name, 40) for part in pair.subsets]
            parts.append(_differences(heading, labels, pair.subsets))
    if rows:
        parts.append(_rows(rows))
    return Group(*parts)


def _names(report: ComparisonReport) -> dict[str, str]:
    """Return a name for each evaluation: its model's, with the end of its id where several have the same."""
    keys = [one.model_name or one.model_key for one in report.evaluations]
    return {
        one.id: plain(name, 28) if keys.count(name) == 1 else plain(f"{name[:20]} {one.id[-6:]}")
        for one, name in zip(report.evaluations, keys, strict=True)
    }


def _label(names: dict[str, str], pair: PairedComparison) -> str:
    return f"{names[pair.evaluation_id_2]} less {names[pair.evaluation_id_1]}"


def _evaluations(compared: Sequence[ComparedEvaluation]) -> Table:
    numbers = ("accuracy", "prompts", "epochs")
    table = make_table("evaluation", "model", *numbers, "", numbers=numbers, whole=["evaluation"])
    for one in compared:
        marks = [] if one.status == "success" else [str(one.status)]
        marks += [f"limit {one.limit:,}"] if one.limit else []
        table.add_row(
            plain(one.id),
            plain(one.model_name or one.model_key, 40),
            percent(one.accuracy),
            f"{one.prompt_count:,}",
            f"{one.epochs}",
            ", ".join(marks),
        )
    return table


def _differences(heading: str, labels: Sequence[str], found: Sequence[PairedDifference]) -> Table:
    ends = span([(one.low, one.high) for one in found])
    numbers = ("prompts", "points", "95% interval", "p")
    scale = signed(ends[0], 0).ljust(18) + "0".center(5) + signed(ends[1], 0).rjust(18)
    table = make_table(heading, scale, *numbers, numbers=numbers, whole=[scale])
    for label, one in zip(labels, found, strict=True):
        table.add_row(
            label,
            bar(one.low, one.difference, one.high, ends, sure=one.is_beyond_chance),
            f"{one.prompts:,}",
            signed(one.difference),
            f"{signed(one.low)} to {signed(one.high)}",
            "<0.001" if one.p_adjusted < 0.001 else f"{one.p_adjusted:.3f}",
        )
    return table


def _cells(cells: FourCells, first: str, second: str) -> Table:
    columns = (f"{second} right", "wrong")
    table = make_table("prompts", *columns, numbers=columns)
    table.add_row(f"{first} right", f"{cells.both_right:,}", f"{cells.only_first:,}")
    table.add_row("wrong", f"{cells.only_second:,}", f"{cells.both_wrong:,}")
    return table


def _rows(rows: Sequence[Disagreement]) -> Table:
    table = make_table("A", "B", "prompt", "truth", "A's answer", "B's answer", whole=["A", "B"])
    for row in rows:
        table.add_row(
            outcome_text(row.verdict1.outcome),
            outcome_text(row.verdict2.outcome),
            plain(row.prompt, _CELL),
            plain(row.truth, _CELL),
            plain(row.result1, _CELL),
            plain(row.result2, _CELL),
        )
    return table


def charts(report: ComparisonReport) -> list[Spec]:
    """Return the charts of a comparison: every pair's difference, and cells and subsets of the first pair."""
    names = _names(report)
    overall = [(pair, pair.overall) for pair in report.pairs if pair.overall is not None]
    if not overall:
        return []
    pair, found = overall[0]
    first, second = names[pair.evaluation_id_1], names[pair.evaluation_id_2]
    alone = len(overall) == 1
    rows = [_interval("overall" if alone else _label(names, p), one) for p, one in overall]
    rows += [_interval(part.name, part) for part in pair.subsets] if alone else []
    better, worse = (second, first) if alone else ("the former", "the latter")
    made = [comparison.differences(rows, f"{report.benchmark_name}: differences", better, worse)]
    cells = found.cells
    made.append(
        comparison.cells(
            cells.both_right, cells.only_first, cells.only_second, cells.both_wrong, first, second
        )
    )
    if pair.subsets:
        parts = [comparison.Both(part.name, part.mean_1, part.mean_2, part.prompts) for part in pair.subsets]
        made += [comparison.dots(parts, first, second), comparison.scatter(parts, first, second)]
    return made


def _interval(label: str, found: PairedDifference) -> comparison.Interval:
    return comparison.Interval(label, found.difference, found.low, found.high, found.is_beyond_chance)
