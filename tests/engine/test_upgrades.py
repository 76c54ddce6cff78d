"""A newer version beside an older one: both work, and what one has begun the other ends."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import uuid
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from tests.engine.test_crashes import workers
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider
from tests.support.workers import wait_until

import stratix
from layerlens.models import EvaluationStatus
from stratix.storage.migrate import HEAD, SchemaMismatch, migrate, migrate_sync
from stratix.storage.tables import schema_versions

AT_ONCE = 16
UNFLUSHED = 200
NEWER = "9000"
REVISION = f'''"""A newer revision: it adds, as every one must."""

import sqlalchemy as sa
from alembic import op

revision = "{NEWER}"
down_revision = "{HEAD}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("novelties", sa.Column("id", sa.Integer(), primary_key=True))
    for table in ("evaluations", "results", "prompts", "workers"):
        op.add_column(table, sa.Column("novelty", sa.String(16), server_default="new", nullable=False))
'''


@pytest.fixture
def newer(tmp_path: Path) -> str:
    """The path of a copy of the platform that knows one revision more."""
    source = Path(stratix.__file__).parents[1]
    copy = tmp_path / "newer"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "stratix/storage/migrations/versions/9000_newer.py").write_text(REVISION)
    module = copy / "stratix/storage/migrate.py"
    text = module.read_text().replace(f'HEAD = "{HEAD}"', f'HEAD = "{NEWER}"')
    module.write_text(text)
    return os.pathsep.join([str(copy), os.environ.get("PYTHONPATH", "")])


@pytest.fixture
def provider():
    with ScriptedProvider(lambda asked, _times: Reply(asked, delay=0.05)) as provider:
        yield provider


def asked_with(provider: ScriptedProvider, key: str) -> int:
    return sum(headers.get("Authorization") == f"Bearer {key}" for headers in list(provider.headers))


def test_an_evaluation_may_begin_on_one_version_and_end_on_the_other(
    tmp_path, provider, new_postgres, newer, start
):
    common = {
        "STRATIX_CONCURRENCY": str(AT_ONCE),
        "STRATIX_LOG_LEVEL": "info",
        "STRATIX_SECRET_KEY": "one secret key for both of the versions",
    }

    def platform(name: str, **variables: str) -> Platform:
        (tmp_path / name).mkdir()
        more = {**common, **variables, "OPENAI_API_KEY": f"sk-{name}"}
        return Platform(tmp_path / name, provider.base_url, new_postgres, **more)

    def complete(client, evaluation, prompts: int) -> None:
        ended = client.evaluations.wait_for_completion(evaluation.id, timeout_seconds=60)
        assert ended.status is EvaluationStatus.SUCCESS, ended.status_description
        assert ended.outcomes == {"correct": prompts}
        results = client.results.get_all_by_id(evaluation_id=evaluation.id)
        assert [result.prompt for result in results] == [str(n) for n in range(prompts)]

    old, new = platform("old"), platform("new", PYTHONPATH=newer)
    with contextlib.ExitStack() as stack:
        for either in (old, new):
            stack.callback(
                lambda either=either: either.process and either.process.poll() is None and either.stop()
            )
        old.start()
        with old.client() as client:
            first = start(client, 901)
            wait_until(lambda: len(provider.requests) > 100)
            new.start()
            # The older one goes on with the newer one's tables, even when it is started again.
            os.kill(workers(old)[0], signal.SIGKILL)
            wait_until(lambda: old.log().count("takes work") == 2)
            before = asked_with(provider, "sk-old")
            second = start(client, 2002)
            wait_until(lambda: asked_with(provider, "sk-old") > before + 50)
            old.stop()
        with new.client() as client:
            complete(client, first, 901)
            complete(client, second, 2002)
            assert asked_with(provider, "sk-old") > 100 < asked_with(provider, "sk-new")
            third = start(client, 903)
            wait_until(lambda: len(provider.requests) > 3003)
            old.start()
            new.stop()
        with old.client() as client:
            complete(client, third, 903)
    assert len(provider.requests) <= 901 + 2002 + 903 + AT_ONCE + UNFLUSHED
    with psycopg.connect(new_postgres) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (NEWER,)


async def test_code_that_is_too_old_for_the_tables_says_so(database):
    async with database.write() as connection:
        await connection.execute(sa.text(f"UPDATE alembic_version SET version_num = '{NEWER}'"))
    await migrate(database)
    async with database.write() as connection:
        await connection.execute(schema_versions.update().values(revision=NEWER, oldest="8999"))
    with pytest.raises(
        SchemaMismatch, match=f"revision {NEWER}.*{HEAD} while 8999 is needed: upgrade Stratix"
    ):
        await migrate(database)


def test_revisions_only_add(postgres):
    """A process of the version before must be able to go on, and to insert rows without the new columns."""
    name = f"empty_{uuid.uuid4().hex}"
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        statements.append(" ".join(statement.split()))

    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        migrate_sync(postgres.url(name))
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
        postgres.drop(name)
    first = next(at for at, text in enumerate(statements) if text.startswith("INSERT INTO alembic_version"))
    created: set[str] = set()
    for text in statements[first + 1 :]:
        if found := re.match(r"CREATE TABLE (\w+)", text):
            created.add(found[1])
        elif found := re.match(r"ALTER TABLE (\w+) ADD (COLUMN|CONSTRAINT) (.*)", text):
            assert found[1] in created or "NOT NULL" not in found[3] or "DEFAULT" in found[3], text
        else:
            assert re.match(
                r"(CREATE|CREATE UNIQUE|DROP) INDEX|SELECT|(UPDATE|DELETE|INSERT).*(alembic_v|schema_v)",
                text,
            ), text
