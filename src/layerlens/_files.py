"""Files to upload: what they are, and whether they may be sent."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from pathlib import Path

_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".gz": "application/gzip",
    ".html": "text/html",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file to upload.

    Attributes:
        path: where it lies.
        key: the name by which requests refer to it once it is uploaded.
        size: its length in bytes.
        media_type: its `Content-Type`.
    """

    path: Path
    key: str
    size: int
    media_type: str


def local_file(
    path: str | os.PathLike[str], *, suffixes: tuple[str, ...] = (), max_bytes: int | None = None
) -> LocalFile:
    """Look at a file before it is uploaded.

    Args:
        path: where it lies.
        suffixes: endings it may have; none given allows any.
        max_bytes: largest size; None sets no limit.

    Raises:
        ValueError: there is no such file, or it is empty, too large, or of the wrong kind.
    """
    file = Path(path).expanduser()
    suffix = file.suffix.lower()
    if suffixes and suffix not in suffixes:
        raise ValueError(f"{file} does not end in {', '.join(suffixes)}: convert it first")
    if not file.is_file():
        raise ValueError(f"{file} is no file: check the path")
    size = file.stat().st_size
    if size == 0:
        raise ValueError(f"{file} is empty")
    if max_bytes is not None and size > max_bytes:
        raise ValueError(f"{file} has {size:,} bytes, at most {max_bytes:,} are allowed: split it")
    key = f"{uuid.uuid4()}-{file.name}"
    return LocalFile(file, key, size, _MEDIA_TYPES.get(suffix, "application/octet-stream"))
