"""Uploads: ask for an address, then PUT the bytes to it, once."""

from __future__ import annotations

import re
from pathlib import PurePath

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from layerlens.models import MAX_BENCHMARK_FILE_BYTES, CreatedUpload, StatusEnvelope, UploadCreate
from stratix.api._auth import InProject
from stratix.api._context import InContext
from stratix.api._errors import ApiError, invalid
from stratix.api._guard import GuardedRoute
from stratix.api._json import json_response
from stratix.storage import uploads

SUFFIXES = (
    ".jsonl",
    ".json",
    ".csv",
    ".tsv",
    ".yaml",
    ".yml",
    ".parquet",
    ".arrow",
    ".gz",
    ".zip",
    ".txt",
    ".pdf",
    ".html",
    ".docx",
)
"""What files may end in: those of custom, imported and generated benchmarks."""

_NOT_DATA = ("audio", "font", "image", "model", "multipart", "video")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(\s*;.*)?")
_MEGABYTES = MAX_BENCHMARK_FILE_BYTES // 1024**2

router = APIRouter(
    prefix="/organizations/{organization_id}/projects/{project_id}",
    tags=["uploads"],
    route_class=GuardedRoute,
)
receiver = APIRouter(tags=["uploads"])
"""Apart from the rest, for its routes take no API key: the address itself is the credential."""


@router.post("/upload", response_model=StatusEnvelope[CreatedUpload])
async def create_upload(
    body: UploadCreate, project: InProject, context: InContext, request: Request
) -> Response:
    """Return an address that takes the file's bytes by PUT, once and for 15 minutes, without an API key.

    Asking again makes another address; an `Idempotency-Key` is of no use here.
    """
    _check(body)
    async with context.database.write() as connection:
        token = await uploads.create(
            connection,
            project_id=project.id,
            key=body.key,
            filename=body.filename,
            content_type=body.type,
            size=body.size,
        )
    created = {
        "organization_id": project.organization_id,
        "project_id": project.id,
        "url": _address(request, context.settings.public_url, token),
    }
    return json_response({"status": "success", "data": created})


@receiver.put(
    "/uploads/{token}",
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {}}}},
)
async def receive_upload(token: str, request: Request, context: InContext) -> Response:
    """Take the bytes of a file; `Content-Type` and length must be those that were announced."""
    async with context.database.read() as connection:
        upload = await uploads.find_by_token(connection, token)
    if upload is None:
        raise ApiError(403, "This upload address is unknown or has expired: ask for a new one.")
    if upload.is_filled:
        raise ApiError(409, "This upload address has been used: ask for a new one to send another file.")
    sent_type = request.headers.get("content-type", upload.content_type)
    if _bare(sent_type) != _bare(upload.content_type):
        raise invalid(
            "Content-Type", f"is {sent_type!r}, but {upload.content_type!r} was announced: send that one"
        )
    content = await _read(request, upload.size)
    async with context.database.write() as connection:
        if not await uploads.fill(connection, upload.id, content):
            raise ApiError(409, "This upload address has been used: ask for a new one to send another file.")
    return json_response({"status": "success", "data": {"key": upload.key, "size": upload.size}})


def _address(request: Request, public_url: str, token: str) -> str:
    """Return where to send a file: below the public address, or where this request came to."""
    if not public_url:
        return str(request.url_for("receive_upload", token=token))
    return public_url + str(request.app.url_path_for("receive_upload", token=token))


def _check(body: UploadCreate) -> None:
    if len(body.key) > 512 or len(body.filename) > 512 or len(body.type) > 256:
        raise ApiError(
            422, "key and filename may have at most 512 characters, type at most 256: shorten them"
        )
    if re.search(r"[/\\\x00-\x1f]", body.filename) or body.filename in {".", ".."}:
        raise invalid("filename", "must be the file's name alone, without folders")
    if PurePath(body.filename).suffix.lower() not in SUFFIXES:
        raise invalid("filename", f"must end in one of {', '.join(SUFFIXES)}")
    if body.type and not _MEDIA_TYPE.fullmatch(body.type):
        raise invalid("type", "must be a media type such as application/jsonl")
    if body.type.split("/")[0].lower() in _NOT_DATA:
        raise invalid("type", f"{body.type!r} is no data; send one of {', '.join(SUFFIXES)}")
    if body.size == 0:
        raise invalid("size", "is 0: the file is empty")
    if body.size > MAX_BENCHMARK_FILE_BYTES:
        raise ApiError(413, f"size: is more than the {_MEGABYTES} MB allowed: split the file")


async def _read(request: Request, size: int) -> bytes:
    """Read a body of exactly `size` bytes; one that is larger is left as soon as that shows."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) != size:
        raise _wrong_size(int(declared), size)
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > size:
                raise _wrong_size(len(content), size)
    except ClientDisconnect:
        raise ApiError(400, "The connection broke before the whole file was here: send it again.") from None
    if len(content) != size:
        raise _wrong_size(len(content), size)
    return bytes(content)


def _wrong_size(sent: int, announced: int) -> ApiError:
    if sent > MAX_BENCHMARK_FILE_BYTES:
        return ApiError(413, f"The file is larger than the {_MEGABYTES} MB allowed: split it.")
    more = "at least " if sent > announced else ""
    return invalid(
        "size", f"{announced:,} bytes were announced, but {more}{sent:,} came: ask for a new address"
    )


def _bare(media_type: str) -> str:
    return media_type.split(";")[0].strip().lower()
