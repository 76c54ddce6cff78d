"""What is alike in all ways to make a benchmark from uploaded files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stratix.api._errors import ApiError
from stratix.storage import uploads
from stratix.storage.database import Connection, Record


async def use_up(connection: Connection, field: str, files: Sequence[Record]) -> None:
    """Delete uploaded files, each of which serves once.

    Args:
        connection: in the transaction that uses them.
        field: of the request's body that names them.
        files: their rows.

    Raises:
        ApiError: 409, another request used one meanwhile.
    """
    for file in files:
        if not await uploads.drop(connection, file.id):
            raise ApiError(
                409, f"{field}: {file.key!r} was used by another request meanwhile: upload it again"
            )


def created(row: Record, findings: Sequence[str] = ()) -> dict[str, Any]:
    """Return the answer that a benchmark was made, and what was found in its files."""
    made = {
        "organization_id": row.organization_id,
        "project_id": row.project_id,
        "benchmark_id": row.id,
        "findings": list(findings),
    }
    return {"status": "success", "data": made}
