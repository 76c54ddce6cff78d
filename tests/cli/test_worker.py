"""`stratix worker` says in one line what it needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

SECRET = "a secret key of more than 32 characters"


def run(tmp_path: Path, **variables: str) -> str:
    """Run `stratix worker`, which must fail; returns what it says."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("STRATIX_")},
        "STRATIX_DATA_DIR": str(tmp_path),
        "STRATIX_SECRET_KEY": SECRET,
        **variables,
    }
    command = (sys.executable, "-m", "stratix.cli.main", "worker")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("url", ["", "sqlite:///stratix.db"])
def test_a_worker_needs_a_postgres(tmp_path, url):
    assert "postgresql://user:password@host/name" in run(tmp_path, STRATIX_DATABASE_URL=url)


def test_a_worker_needs_the_secret_key_of_the_server(tmp_path, new_postgres):
    said = run(tmp_path, STRATIX_DATABASE_URL=new_postgres, STRATIX_SECRET_KEY="")
    assert "Set STRATIX_SECRET_KEY to that of the server" in said


def test_a_worker_says_that_there_is_no_database(tmp_path):
    said = run(tmp_path, STRATIX_DATABASE_URL="postgresql://user:hidden@127.0.0.1:9/stratix")
    assert "cannot be reached" in said
    assert "refused" in said
    assert "hidden" not in said


def test_a_worker_says_that_it_is_too_old(tmp_path, new_postgres):
    with psycopg.connect(new_postgres) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9000'")
        connection.execute("UPDATE schema_versions SET revision = '9000', oldest = '8999'")
    assert "upgrade Stratix here" in run(tmp_path, STRATIX_DATABASE_URL=new_postgres)
