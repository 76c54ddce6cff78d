"""TSV: columns separated by tabs, with a header line."""

from __future__ import annotations

from collections.abc import Sequence

from stratix.benchmarks.formats.base import BY_SUFFIX, Draft, File, Request, no_data
from stratix.benchmarks.formats.csv import table

SUFFIXES = (".tsv",)
ISOLATED = False


def recognise(file: File) -> int:
    """Take every file of the suffix."""
    return BY_SUFFIX if file.suffix in SUFFIXES else 0


def read(file: File, data: Sequence[File], request: Request) -> Draft:
    """Return the benchmark of a table."""
    no_data(data, "tsv")
    return table(file, request, "\t")
