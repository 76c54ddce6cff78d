"""How a try of a model is shown."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from layerlens.models import ModelTry, TryCall
from stratix.cli._output import make_table, plain, plain_lines

_COLOURS = {"ok": "green", "note": "yellow", "problem": "red"}
_LONGEST = 60


def tried_out(tried: ModelTry) -> RenderableType:
    """Return what a try has shown: what was found out, the first answer, and a row for each request."""
    report = tried.report
    found: list[RenderableType] = [
        Text.assemble((f"{quirk.severity:<9}", _COLOURS[quirk.severity]), plain(quirk.message))
        for quirk in report.quirks
    ]
    if report.calls and not report.calls[0].error:
        found += [
            Text(),
            Text("Its answer", "bold"),
            Text(plain_lines(report.calls[0].text) or "(empty)"),
            Text(),
        ]
    if report.calls:
        found.append(Text(f"Asked at {plain(report.endpoint)}", "dim"))
        found.append(_calls(report.calls))
    return Group(*found)


def _calls(calls: list[TryCall]) -> RenderableType:
    numbers = ["status", "took", "tokens in", "tokens out"]
    table = make_table(
        "request", "status", "took", "finish_reason", "tokens in", "tokens out", "answer", numbers=numbers
    )
    for call in calls:
        table.add_row(
            plain(call.name),
            str(call.status or ""),
            f"{call.duration_ms:,.0f} ms",
            plain(call.finish_reason or ""),
            *("" if count is None else f"{count:,}" for count in (call.tokens_input, call.tokens_output)),
            plain(call.error or call.text, _LONGEST),
        )
    return table
