"""Reading documents in a process of its own, under limits, so that a hostile one harms nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from stratix.benchmarks import limited
from stratix.benchmarks.documents import BadDocument, reader_of
from stratix.benchmarks.documents.passages import Passage, cut

_FOUND, _ERROR = "passages.jsonl", "error.txt"


def read(folder: Path, filename: str) -> int:
    """Cut a document into passages, and leave them in its folder.

    Args:
        folder: holds the document under its own name, and nothing else.
        filename: its name.

    Returns:
        How many passages there are; see `passages`.

    Raises:
        BadDocument: it cannot be read, or takes more memory or time than it may.
        RuntimeError: the process failed for no fault of the document's.
    """
    try:
        limited.run(__name__, folder)
    except limited.TooMuch:
        raise BadDocument(
            f"{filename} cannot be read within {limited.LIMITS} of text: it was stopped. Split it, or save "
            "it as text."
        ) from None
    if (error := folder / _ERROR).exists():
        raise BadDocument(error.read_text(encoding="utf-8"))
    count = sum(1 for _ in passages(folder))
    if not count:
        raise BadDocument(
            f"{filename} holds no text that could be asked about. If its pages are images, have their text "
            "recognised (OCR) first."
        )
    return count


def passages(folder: Path) -> Iterator[Passage]:
    """Yield the passages that were left in a folder, in order."""
    with (folder / _FOUND).open(encoding="utf-8") as lines:
        for line in lines:
            yield Passage(**json.loads(line))


def _main(folder: Path) -> None:
    """Read the one document of a folder."""
    (path,) = folder.iterdir()
    try:
        reader = reader_of(path.name)
        with (folder / _FOUND).open("w", encoding="utf-8") as out:
            for passage in cut(reader.read(path), reader.NOUN):
                out.write(json.dumps(asdict(passage)) + "\n")
    except BadDocument as error:
        (folder / _ERROR).write_text(str(error), encoding="utf-8")


if __name__ == "__main__":
    limited.main(_main)
