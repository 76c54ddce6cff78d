"""Queries on benchmarks that are generated from documents: recorded by the API, written by a worker."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stratix.storage import notices
from stratix.storage.database import Record
from stratix.storage.tables import smart_benchmarks as table
from stratix.storage.tables import smart_files as files_table
from stratix.storage.tables import smart_passages as passages_table
from stratix.storage.tables import uploads

LEASE_SECONDS = 30.0
"""One whose worker has not been heard of for so long is another's to take."""

AGAIN = ("unreadable", "failed")
"""Outcomes of passages that are asked about again when a benchmark is taken up after its end."""

_CHUNK = 200


async def create(
    connection: AsyncConnection, benchmark: Record, upload_ids: Sequence[str], **fields: Any
) -> None:
    """Record that a benchmark is to be generated, and take over the files it is made of.

    Args:
        connection: in a write transaction.
        benchmark: its row of the custom ones.
        upload_ids: of the files; the caller drops them.
        fields: `api_key_id, instructions, model_id, model_key, is_custom_model, prompts_per_passage,
            max_passages, cache`.
    """
    await connection.execute(
        insert(table).values(
            benchmark_id=benchmark.id,
            project_id=benchmark.project_id,
            status="pending",
            created_at=time.time(),
            **fields,
        )
    )
    for position, upload_id in enumerate(upload_ids):
        chosen = select(
            literal(benchmark.id), literal(position), uploads.c.filename, uploads.c.content
        ).where(uploads.c.id == upload_id)
        names = ["benchmark_id", "position", "filename", "content"]
        await connection.execute(insert(files_table).from_select(names, chosen))
    await notices.tell(connection)


async def get(connection: AsyncConnection, benchmark_id: str) -> Record | None:
    """Return how the generation of a benchmark stands; None for one that is not generated."""
    return (await connection.execute(select(table).where(table.c.benchmark_id == benchmark_id))).one_or_none()


async def all_of(connection: AsyncConnection, project_id: str) -> dict[str, Record]:
    """Return how the generations of a project stand, by benchmark id."""
    query = select(table).where(table.c.project_id == project_id)
    return {row.benchmark_id: row for row in await connection.execute(query)}


async def is_waiting(connection: AsyncConnection) -> bool:
    """Tell whether there is one to take, without a lock."""
    query = select(table.c.benchmark_id).where(_free(time.time())).limit(1)
    return (await connection.execute(query)).one_or_none() is not None


async def claim(connection: AsyncConnection, worker: str) -> Record | None:
    """Take the oldest that waits, or that its worker has left behind; None if there is none."""
    now = time.time()
    oldest = select(table.c.benchmark_id).where(_free(now)).order_by(table.c.created_at).limit(1)
    change = (
        update(table)
        .where(table.c.benchmark_id == oldest.with_for_update(skip_locked=True).scalar_subquery())
        .values(status="generating", worker=worker, heard_at=now, claims=table.c.claims + 1)
    )
    taken: Record | None = (await connection.execute(change.returning(table))).one_or_none()
    return taken


def _free(now: float) -> ColumnElement[bool]:
    left = and_(table.c.status == "generating", table.c.heard_at < now - LEASE_SECONDS)
    return or_(table.c.status == "pending", left)


async def release(connection: AsyncConnection, worker: str) -> None:
    """Give back what a worker has taken: when it stops, and when it starts again after a crash."""
    held = (table.c.worker == worker) & (table.c.status == "generating")
    await connection.execute(update(table).where(held).values(status="pending", worker=None))


async def file_names(connection: AsyncConnection, benchmark_id: str) -> list[str]:
    """Return the names of the files that are not cut into passages yet, in order."""
    query = select(files_table.c.filename).where(files_table.c.benchmark_id == benchmark_id)
    return list((await connection.execute(query.order_by(files_table.c.position))).scalars())


async def file_content(connection: AsyncConnection, benchmark_id: str, position: int) -> bytes:
    """Return the bytes of a file."""
    query = select(files_table.c.content).where(
        files_table.c.benchmark_id == benchmark_id, files_table.c.position == position
    )
    return bytes((await connection.execute(query)).scalar_one())


async def add_passages(
    connection: AsyncConnection, taken: Record, passages: Sequence[Mapping[str, str]], findings: list[str]
) -> bool:
    """Store the passages of all files, and let the files go.

    Args:
        connection: in a write transaction.
        taken: as claimed.
        passages: `file`, `place` and `text` of each, in order.
        findings: what a person should know of how the files were read.

    Returns:
        Whether the benchmark is still this worker's; nothing is stored if not.
    """
    if not await change(connection, taken, total=len(passages), findings=findings):
        return False
    rows = [
        {"benchmark_id": taken.benchmark_id, "position": position, **passage}
        for position, passage in enumerate(passages)
    ]
    for at in range(0, len(rows), _CHUNK):
        await connection.execute(insert(passages_table), rows[at : at + _CHUNK])
    await drop_files(connection, taken)
    return True


async def passages(
    connection: AsyncConnection, benchmark_id: str, *, waiting: bool | None = None
) -> Sequence[Record]:
    """Return the passages of a benchmark in order.

    Args:
        connection: to read from.
        benchmark_id: which one.
        waiting: True for those that nobody was asked about yet, False for the others, None for all.
    """
    query = select(passages_table).where(passages_table.c.benchmark_id == benchmark_id)
    if waiting is not None:
        query = query.where(passages_table.c.outcome.is_(None) == waiting)
    return (await connection.execute(query.order_by(passages_table.c.position))).all()


async def store(
    connection: AsyncConnection, taken: Record, position: int, passage: Mapping[str, Any], **counts: Any
) -> bool:
    """Store what came of a passage, once, and count it.

    It is stored also where the benchmark is paused by now, or another worker's: it has been paid for.

    Args:
        connection: in a write transaction.
        taken: as claimed.
        position: of the passage.
        passage: `outcome`, and `pairs` or `error`.
        counts: what is added to the columns of these names; a `cost` of None leaves the sum unknown.

    Returns:
        Whether the benchmark is still this worker's.
    """
    # Before its passages, as whoever resumes or ends it does: nobody waits for each other in a circle.
    of_it = table.c.benchmark_id == taken.benchmark_id
    row = (await connection.execute(select(table).where(of_it).with_for_update())).one_or_none()
    place = and_(
        passages_table.c.benchmark_id == taken.benchmark_id,
        passages_table.c.position == position,
        passages_table.c.outcome.is_(None),
    )
    stored = await connection.execute(update(passages_table).where(place).values(**passage))
    if stored.rowcount == 1:
        added: dict[str, Any] = {
            name: None if value is None else table.c[name] + value for name, value in counts.items()
        }
        added["done"] = table.c.done + 1
        if (outcome := passage["outcome"]) != "prompts":
            added[outcome] = table.c[outcome] + 1
        await connection.execute(update(table).where(of_it).values(**added))
    return row is not None and row.status == "generating" and row.claims == taken.claims


async def change(connection: AsyncConnection, taken: Record, **values: Any) -> bool:
    """Set columns of a benchmark that is generated, if it is still this worker's; tells whether it is."""
    values = {**values, "heard_at": time.time()}
    return (await connection.execute(update(table).where(_mine(taken)).values(**values))).rowcount == 1


async def drop_files(connection: AsyncConnection, taken: Record) -> None:
    """Let the files of a benchmark go."""
    await connection.execute(delete(files_table).where(files_table.c.benchmark_id == taken.benchmark_id))


async def finish(connection: AsyncConnection, taken: Record, **values: Any) -> bool:
    """End a generation, if it is still this worker's; passages that are prompts now go.

    Args:
        connection: in a write transaction.
        taken: as claimed.
        values: `status` and what came of it.
    """
    if not await change(connection, taken, finished_at=time.time(), **values):
        return False
    if values["status"] == "ready":
        gone = delete(passages_table).where(passages_table.c.benchmark_id == taken.benchmark_id)
        await connection.execute(gone)
    return True


def _mine(taken: Record) -> ColumnElement[bool]:
    return and_(
        table.c.benchmark_id == taken.benchmark_id,
        table.c.status == "generating",
        # Not by its name: one may take it again that has not noticed yet that it was cancelled.
        table.c.claims == taken.claims,
    )


async def cancel(connection: AsyncConnection, benchmark_id: str, reason: str) -> bool:
    """End a generation from outside, if it has not ended; tells whether it had not."""
    open_ = and_(
        table.c.benchmark_id == benchmark_id, table.c.status.in_(("pending", "generating", "paused"))
    )
    values = {"status": "failed", "status_description": reason, "finished_at": time.time(), "worker": None}
    return (await connection.execute(update(table).where(open_).values(**values))).rowcount == 1


async def resume(connection: AsyncConnection, benchmark_id: str) -> bool:
    """Go on with one that was paused or has failed; tells whether it was such a one.

    Passages that gave prompts stay as they are; those whose answers were of no use are asked about again.
    """
    ended = and_(table.c.benchmark_id == benchmark_id, table.c.status.in_(("paused", "failed")))
    opened = {"status": "pending", "status_description": "", "paused_by": None, "finished_at": None}
    if (await connection.execute(update(table).where(ended).values(**opened))).rowcount != 1:
        return False
    of_it = passages_table.c.benchmark_id == benchmark_id
    again = and_(of_it, passages_table.c.outcome.in_(AGAIN))
    await connection.execute(update(passages_table).where(again).values(outcome=None, error=""))
    left = select(func.count()).where(of_it, passages_table.c.outcome.is_not(None)).scalar_subquery()
    values: dict[str, Any] = {"done": left, **dict.fromkeys(AGAIN, 0)}
    await connection.execute(update(table).where(table.c.benchmark_id == benchmark_id).values(**values))
    await notices.tell(connection)
    return True


async def resume_paused(connection: AsyncConnection, owner_id: str) -> None:
    """Go on with those that were paused at the budget of an owner."""
    query = select(table.c.benchmark_id).where(table.c.status == "paused", table.c.paused_by == owner_id)
    for benchmark_id in (await connection.execute(query)).scalars().all():
        await resume(connection, benchmark_id)
