"""Files that a page takes: an address for a script to send one to, or one that came with a form."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from starlette.datastructures import UploadFile

from stratix.web._pages import Viewer

_TYPE = "application/octet-stream"


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
