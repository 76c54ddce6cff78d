"""Jinja templates of imported files, rendered where they reach nothing but a row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from stratix.benchmarks.lines import BadBenchmarkFile, BadLine

# Text for a model, not HTML, so nothing is escaped; and no loader, so no other file is reached.
_ENVIRONMENT = ImmutableSandboxedEnvironment(
    autoescape=False,
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)
_ENVIRONMENT.filters["regex_replace"] = lambda text, pattern, new="": re.sub(pattern, new, text)


def compiled(text: str, where: str) -> Template:
    """Return a template.

    Args:
        text: of the template.
        where: the name of its field, for the message.

    Raises:
        BadBenchmarkFile: it is not Jinja, or wants a filter that there is not.
    """
    try:
        return _ENVIRONMENT.from_string(text)
    except (TemplateError, RecursionError) as error:
        raise BadBenchmarkFile(f"`{where}` is no Jinja template that can be rendered: {error}") from error


def rendered(template: Template, row: Mapping[str, Any], where: str) -> str:
    """Return a template filled with a row.

    Raises:
        BadLine: the row lacks what it wants, or it reaches for what it may not.
    """
    try:
        return template.render(row)
    except Exception as error:  # A template can raise whatever its filters and methods raise.
        raise BadLine(f"`{where}` cannot be rendered: {error or type(error).__name__}") from error
