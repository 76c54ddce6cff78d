"""What every reader of documents is, and how one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol


class BadDocument(ValueError):
    """A document cannot be read; the message names it and says what to do."""


class Reader(Protocol):
    """What the module of a reader has.

    Attributes:
        NOUN: what the text is counted in.
    """

    NOUN: str

    def read(self, path: Path) -> Iterator[str]:
        """Yield the text of each page, paragraph, line or row, in order; "" for one without.

        Raises:
            BadDocument: it is not what its suffix says, is protected, or unpacks to more than may be read.
        """


def text_of(path: Path) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 where it says so.

    Raises:
        BadDocument: it is neither.
    """
    content = path.read_bytes()
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadDocument(
            f"{path.name} is no text in UTF-8 (byte {error.start + 1}): save it as UTF-8, or give it the "
            "suffix of what it is."
        ) from None
    if "\0" in text:
        raise BadDocument(f"{path.name} is no text, for it holds NUL: give it the suffix of what it is.")
    return text
