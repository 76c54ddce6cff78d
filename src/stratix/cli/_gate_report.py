"""A gate's report: for people, for job summaries, and for what reads test results."""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from layerlens.models import Evaluation
from stratix.analysis.gate import Check, Verdict
from stratix.cli._errors import ExitCode, Failure
from stratix.cli._gating import Judged, says
from stratix.cli._markdown import code, escaped
from stratix.cli._output import make_table, note, plain

_STYLES = {Verdict.GO: "bold green", Verdict.NO_GO: "bold red", Verdict.UNDECIDED: "bold yellow"}
_MARKS = {Verdict.GO: "✅", Verdict.NO_GO: "❌", Verdict.UNDECIDED: "❔"}
# What XML 1.0 cannot hold, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def rendered(judged: Judged) -> RenderableType:
    """Return a verdict for people to read on a terminal."""
    table = make_table("condition", "verdict", "", whole=["condition", "verdict"])
    for check in judged.checks:
        table.add_row(check.name, Text(check.verdict.value, _STYLES[check.verdict]), says(check))
    lines = [Text(plain(said), "yellow") for said in judged.notes]
    head = Text.assemble((_verdict(judged), _STYLES[judged.verdict]), "   ", plain(_title(judged)))
    return Group(head, table, *lines)


def write_reports(judged: Judged, markdown: Path | None, junit: Path | None, json_file: Path | None) -> None:
    """Write a verdict to files, and to the summary of the job where the environment names one.

    Raises:
        Failure: a file cannot be written.
    """
    text = as_markdown(judged)
    if markdown is not None:
        _write(markdown, text)
    if junit is not None:
        _write(junit, as_junit(judged))
    if json_file is not None:
        _write(json_file, json.dumps(judged.as_json(), indent=2) + "\n")
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        _write(Path(summary), text, append=True)


def as_markdown(judged: Judged) -> str:
    """Return a verdict as Markdown; what comes from outside does nothing in it."""
    lines = [
        f"## {_MARKS[judged.verdict]} {escaped(_verdict(judged))}",
        "",
        escaped(_title(judged)),
        "",
        "| condition | verdict | |",
        "| --- | --- | --- |",
    ]
    lines += [
        f"| {check.name} | {_MARKS[check.verdict]} {check.verdict.value} | {escaped(says(check))} |"
        for check in judged.checks
    ]
    if judged.notes:
        lines += ["", *(f"- {escaped(said)}" for said in judged.notes)]
    lines += ["", f"Evaluation {code(judged.evaluation.id)}"]
    if judged.baseline is not None:
        lines[-1] += f", baseline {code(judged.baseline.id)} ({escaped(_model(judged.baseline))})"
    return "\n".join(lines) + "\n"


def as_junit(judged: Judged) -> str:
    """Return a verdict as JUnit XML: a test case for each condition.

    No-go is a failure, and so is undecided unless it counts as go, where it is skipped.
    """
    failed = sum(_fails(judged, check) for check in judged.checks)
    skipped = sum(check.verdict is not Verdict.GO for check in judged.checks) - failed
    counts = {
        "tests": str(len(judged.checks)),
        "failures": str(failed),
        "errors": "0",
        "skipped": str(skipped),
    }
    suites = ET.Element("testsuites", {"name": "stratix ci", **counts})
    suite = ET.SubElement(suites, "testsuite", {"name": _xml(_title(judged)), **counts})
    for check in judged.checks:
        names = {"classname": _xml(f"stratix.{judged.evaluation.id}"), "name": check.name, "time": "0"}
        case = ET.SubElement(suite, "testcase", names)
        if check.verdict is not Verdict.GO:
            kind = "failure" if _fails(judged, check) else "skipped"
            said = ET.SubElement(case, kind, {"message": _xml(says(check))})
            if kind == "failure":
                said.set("type", check.verdict.value)
        ET.SubElement(case, "system-out").text = _xml(f"{check.verdict.value}: {says(check)}")
    ET.indent(suites)
    return ET.tostring(suites, "unicode", xml_declaration=True) + "\n"


def _fails(judged: Judged, check: Check) -> bool:
    undecided = check.verdict is Verdict.UNDECIDED and judged.on_undecided != "go"
    return undecided or check.verdict is Verdict.NO_GO


def _verdict(judged: Judged) -> str:
    said = {Verdict.GO: "Go", Verdict.NO_GO: "No-go", Verdict.UNDECIDED: "Undecided"}[judged.verdict]
    if judged.verdict is Verdict.UNDECIDED and judged.on_undecided != "undecided":
        return f"{said}, which counts as {judged.on_undecided}"
    return said


def _title(judged: Judged) -> str:
    one = judged.evaluation
    return f"{_model(one)} on {one.benchmark_name or one.benchmark_key or one.benchmark_id}"


def _model(evaluation: Evaluation) -> str:
    return evaluation.model_name or evaluation.model_key or evaluation.model_id


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _write(path: Path, text: str, *, append: bool = False) -> None:
    try:
        with path.open("a" if append else "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise Failure(
            f"{path} could not be written: {error.strerror or error}.", ExitCode.NO_VERDICT
        ) from error
    note(f"The report is in {path}")
