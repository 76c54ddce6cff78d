"""HTML, by its blocks of text; scripts, styles and what frames a page are left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml import etree, html

from stratix.benchmarks.documents.base import BadDocument, text_of

NOUN = "paragraph"

_LEFT_OUT = frozenset({"script", "style", "noscript", "template", "svg", "nav", "footer", "head"})
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd"}
    | {"label", "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var"}
)


def read(path: Path) -> Iterator[str]:
    """Yield the blocks."""
    text = text_of(path)
    if not text.strip():
        return
    # Memory and time have their limits here, so that a page may be nested as deeply as can be read.
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        # As bytes: of a text, an encoding that the page itself declares would be refused.
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise BadDocument(f"{path.name} cannot be read as HTML: {error}") from None
    if any(error.level == etree.ErrorLevels.FATAL for error in parser.error_log):
        raise BadDocument(f"{path.name} cannot be read to its end as HTML, for it is nested too deeply.")
    block: list[str] = []
    for piece in _texts(root):
        if piece is not None:
            block.append(piece)
        elif block:
            yield " ".join("".join(block).split())
            block = []
    yield " ".join("".join(block).split())


def _texts(root: html.HtmlElement) -> Iterator[str | None]:
    """Yield the texts in order, None where a block begins or ends; without recursion, for it may be deep."""
    left_out = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = element.tag
        if event == "start":
            left_out += name in _LEFT_OUT
            if name not in _INLINE:
                yield None
            if not left_out and element.text:
                yield element.text
        else:
            left_out -= name in _LEFT_OUT
            if name not in _INLINE:
                yield None
            if not left_out and element.tail:
                yield element.tail
