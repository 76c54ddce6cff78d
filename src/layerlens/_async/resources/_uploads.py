"""Uploading files to the project."""

from __future__ import annotations

from layerlens._async._session import AsyncSession
from layerlens._files import LocalFile
from layerlens._protocol import Call, body_of
from layerlens.models import CreatedUpload, StatusEnvelope, UploadCreate


async def upload(session: AsyncSession, file: LocalFile) -> str:
    """Upload a file and return the key by which requests refer to it.

    Raises:
        APIError: the server could not be asked, or refused the file.
    """
    body = body_of(UploadCreate, key=file.key, filename=file.path.name, type=file.media_type, size=file.size)
    path = await session.project_path("upload")
    made = await session.data(Call("POST", path, StatusEnvelope[CreatedUpload], body=body))
    await session.put(made.url, file)
    return file.key
