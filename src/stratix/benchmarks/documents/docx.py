"""Word documents, by their paragraphs and the rows of their tables, in the order of the text."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
from docx.opc.exceptions import OpcError
from docx.table import Table
from lxml.etree import LxmlError

from stratix.benchmarks.documents.base import BadDocument

NOUN = "paragraph"

_MOST = 256 * 1024**2
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read(path: Path) -> Iterator[str]:
    """Yield the paragraphs; of a table each row, its cells with bars between."""
    _look(path)
    try:
        document = docx.Document(str(path))
        for part in document.iter_inner_content():
            if isinstance(part, Table):
                for row in part.rows:
                    # A cell over several columns comes once for each.
                    yield " | ".join(dict.fromkeys(cell.text.strip() for cell in row.cells))
            else:
                yield part.text
    except (OpcError, LxmlError, zipfile.BadZipFile, OSError, ValueError, KeyError, AttributeError) as error:
        raise BadDocument(
            f"{path.name} cannot be read as DOCX ({type(error).__name__}: {error}): save it anew, or as text."
        ) from None


def _look(path: Path) -> None:
    """See that it is one, and how much it unpacks to.

    Raises:
        BadDocument: it is not, or unpacks to too much.
    """
    with path.open("rb") as file:
        if file.read(8) == _OLE:
            raise BadDocument(
                f"{path.name} is protected by a password, or an old .doc: save it as .docx without one."
            )
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise BadDocument(f"{path.name} is no DOCX: give it the suffix of what it is.") from None
    if unpacked > _MOST:
        raise BadDocument(f"{path.name} unpacks to {unpacked:,} bytes; at most {_MOST:,} are read: split it.")
