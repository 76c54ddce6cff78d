"""Files that a page takes: an address for a script to send one to, or one that came with a form."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import UploadFile

from stratix.web._pages import Viewer

_TYPE = "application/octet-stream"
_NAMED = {"filename": "The name of the file", "size": "The size of the file"}


def why(message: str, fields: Mapping[str, str] | None = None) -> str:
    """Return why the API refuses a file, for somebody who does not know its fields and options.

    Args:
        message: what it said; after the first line come rows, or how to do it over the API.
        fields: what it said of single fields, by name.
    """
    for field, name in _NAMED.items():
        if fields and field in fields:
            return f"{name} {fields[field]}."
    return message.partition("\n")[0].removeprefix("file: ")


async def open_upload(viewer: Viewer, filename: str, size: int) -> tuple[str, str]:
    """Return the path that takes a file's bytes, and the key by which the file is named then.

    Raises:
        Refused: the API does not take such a file.
    """
    key = f"upload-{secrets.token_hex(12)}"
    body = {"key": key, "filename": filename, "type": _TYPE, "size": size}
    url = (await viewer.send("POST", f"{viewer.project}/upload", body))["data"]["url"]
    return urlsplit(url).path, key


async def send_upload(viewer: Viewer, file: UploadFile) -> str:
    """Send a file of a form, and return the key by which it is named then.

    Raises:
        Refused: the API does not take such a file.
    """
    content = await file.read()
    address, key = await open_upload(viewer, file.filename or "", len(content))
    path = address.removeprefix("/api/v1")
    await viewer.send("PUT", path, content=content, headers={"content-type": _TYPE})
    return key
