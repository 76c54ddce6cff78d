"""Work that a worker was given and has not heard of, as when PostgreSQL dies in between, is done too."""

from __future__ import annotations

import psycopg
import pytest
from tests.support.platform import Platform
from tests.support.provider import Reply, ScriptedProvider
from tests.support.workers import wait_until

PROMPTS = 3000  # Twelve slices, of which the worker has eight at once.
# Only once the worker has its eight, so that it does not take the same slice a moment before.
TAKE = """
UPDATE dbos.workflow_status SET status = 'PENDING', started_at_epoch_ms = 1, executor_id =
    (SELECT min(executor_id) FROM dbos.workflow_status WHERE status = 'PENDING' AND queue_name = 'slices')
WHERE status = 'ENQUEUED' AND workflow_uuid =
    (SELECT workflow_uuid FROM dbos.workflow_status WHERE status = 'ENQUEUED' AND queue_name = 'slices'
     ORDER BY priority DESC LIMIT 1)
AND 8 = (SELECT count(*) FROM dbos.workflow_status WHERE status = 'PENDING' AND queue_name = 'slices')
"""


@pytest.fixture
def provider():
    with ScriptedProvider(lambda asked, _times: Reply(asked, delay=0.05)) as provider:
        yield provider


def test_a_slice_whose_taking_was_not_heard_of_is_done(tmp_path, provider, new_postgres, start):
    limits = {"STRATIX_CONCURRENCY": "32", "STRATIX_WORKERS": "1"}
    with (
        Platform(tmp_path, provider.base_url, new_postgres, **limits) as platform,
        platform.client() as client,
        psycopg.connect(new_postgres, autocommit=True) as connection,
    ):
        evaluation = start(client, PROMPTS)
        wait_until(lambda: connection.execute(TAKE).rowcount == 1)
        assert len(provider.requests) < PROMPTS
        done = client.evaluations.wait_for_completion(evaluation, timeout_seconds=90)
        assert done.outcomes == {"correct": PROMPTS}
        assert len(provider.requests) == PROMPTS
        assert "1 pieces of work that were never begun" in platform.log()
