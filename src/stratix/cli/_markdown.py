"""Texts from outside in Markdown, where they are shown as they are and do nothing."""

from __future__ import annotations

import re
from html import escape

from stratix.cli._output import plain, plain_lines

# What begins markup anywhere in a line; what does at its start; and what makes a link of an address.
_INERT = re.compile(r"[\\`*_\[\]<>&|#~@$]|^[-+=]|^\d{1,9}[.)](?=\s|$)|(?<=:)//|(?<=www)\.", re.IGNORECASE)


def escaped(text: object) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    return _INERT.sub(_inert, plain(text))


def code(text: object) -> str:
    """Return a text as code within a line."""
    return "`" + plain(text).replace("`", "'") + "`"


def fenced(text: str) -> list[str]:
    """Return the lines of a block of code, within a fence that is longer than any in it."""
    shown = plain_lines(text)
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence, shown, fence]


def _inert(match: re.Match[str]) -> str:
    if match[0] in ("<", ">", "&"):
        return escape(match[0])
    return f"{match[0][:-1]}\\{match[0][-1]}" if match[0][0].isdigit() else f"\\{match[0]}"
