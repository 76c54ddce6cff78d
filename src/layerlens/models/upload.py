"""Uploads: a request for a signed address, and the address."""

from __future__ import annotations

from pydantic import Field

from ._base import WireModel

MAX_BENCHMARK_FILE_BYTES = 50 * 1024 * 1024
"""Largest file a custom benchmark is made from."""


class UploadCreate(WireModel):
    """Body of `POST .../upload`.

    Attributes:
        key: the name by which later requests refer to the file.
        filename: the file's own name.
        type: its media type, which is also the `Content-Type` of the PUT that follows.
        size: its length in bytes.
    """

    key: str = Field(min_length=1)
    filename: str = Field(min_length=1)
    type: str
    size: int = Field(ge=0)


class CreatedUpload(WireModel):
    """Answer to a request for an upload.

    Attributes:
        organization_id: the organisation the file will belong to.
        project_id: the project it will belong to.
        url: where to PUT the raw bytes, without an API key; absolute, or relative to the server.
    """

    organization_id: str
    project_id: str
    url: str
