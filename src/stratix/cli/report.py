"""`stratix report`: evaluations as one page to hand on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
from pydantic import BaseModel

from stratix import __version__
from stratix.cli._client import connect
from stratix.cli._errors import Failure
from stratix.cli._output import note, waiting
from stratix.cli._report_data import ReportData, gather

_SUFFIXES = (".html", ".md", ".json")


@click.command()
@click.argument("evaluations", metavar="ID...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    "path",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The file to write: .html, .md or .json.",
)
def report(evaluations: Sequence[str], path: Path) -> None:
    """Write a report on evaluations that have ended to one file, which needs no server and no network.

    It holds figures, charts, summary and method, and what it takes to run them again; of several on one
    benchmark, how they compare with the first. The HTML is made for paper, too: print it to get a PDF.

    \b
    Examples:
      stratix report ID -o report.html
      stratix report ID_OF_OLD ID_OF_NEW -o release.md
    """
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        hint = " For a PDF, print the .html: it is made for paper." if suffix == ".pdf" else ""
        raise click.UsageError(f"--output must end in {', '.join(_SUFFIXES)}.{hint}")
    with connect() as client, waiting("Gathering"):
        data = gather(client, evaluations, __version__)
        text = _text(data, suffix)
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise Failure(f"{path} could not be written: {error.strerror or error}.") from error
    note(f"The report is in {path}")


def _text(data: ReportData, suffix: str) -> str:
    if suffix == ".json":
        return json.dumps(data.as_json(), indent=2, default=_plain) + "\n"
    # What writes and draws is slow to import, and not needed to learn of a wrong option.
    if suffix == ".md":
        from stratix.cli._report_text import as_markdown

        return as_markdown(data)
    from stratix.cli._report_html import as_html

    return as_html(data)


def _plain(value: object) -> object:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)
