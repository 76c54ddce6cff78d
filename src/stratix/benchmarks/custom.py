"""Custom benchmarks: from uploaded files to prompts and settings."""

from __future__ import annotations

from collections.abc import Sequence

from stratix.benchmarks import formats, isolated
from stratix.benchmarks.formats import Draft, File, Request
from stratix.benchmarks.inputs import InputType
from stratix.benchmarks.lines import BadBenchmarkFile

__all__ = ["BadBenchmarkFile", "Draft", "File", "InputType", "Request", "draft"]


def draft(file: File, data: Sequence[File], request: Request, name: str | None = None) -> tuple[str, Draft]:
    """Return the benchmark that a file describes, and the name of its format.

    A hostile file is contained: those formats that could take memory or time without end are read in a
    process of their own, under limits.

    Args:
        file: the file.
        data: further files that it refers to.
        request: what the user says about it.
        name: of the format; None to find out.

    Raises:
        BadBenchmarkFile: it cannot be used; the message says where and why. Rows that are bad are
            reported at the end of the draft's prompts.
        ValueError: there is no such format.
    """
    name = name or formats.find(file)
    format_ = formats.load(name)
    if format_.ISOLATED:
        return name, isolated.read(name, file, data, request)
    return name, format_.read(file, data, request)
