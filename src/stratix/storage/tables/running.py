"""The worker processes, and what they share while they run evaluations."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from stratix.storage.tables._base import NullableJson, metadata

# The worker processes, and for a while those that are gone.
workers = Table(
    "workers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("host", String(256), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", String(64), nullable=False),
    Column("started_at", Float, nullable=False),
    Column("beat_at", Float, nullable=False),
    # When others could have its work, because it left or did not beat any more.
    Column("lost_at", Float),
    # How things stand in it, by series; see `storage/counters.py`.
    Column("gauges", NullableJson),
)

# What all workers together have counted since the platform was set up: a row for each series.
counters = Table(
    "counters",
    metadata,
    # Name and labels as JSON.
    Column("series", String(512), primary_key=True),
    Column("value", Float, nullable=False),
)

# What an evaluation, a project or an API key may spend, and what it has spent since that was set.
budgets = Table(
    "budgets",
    metadata,
    Column("owner_id", String(40), primary_key=True),
    # Trillionths of a US dollar, which are whole numbers for every price there is; NULL: no cap.
    Column("cap_picos", BigInteger),
    Column("cap_tokens", BigInteger),
    Column("spent_picos", BigInteger, nullable=False, default=0),
    Column("spent_tokens", BigInteger, nullable=False, default=0),
    # Calls that were counted at the most they can cost, for want of the endpoint's own figures.
    Column("assumed_calls", BigInteger, nullable=False, default=0),
    Column("since", Float, nullable=False),
)

# What processes have set aside of a budget for calls on their way and for the next ones.
budget_leases = Table(
    "budget_leases",
    metadata,
    Column("owner_id", ForeignKey("budgets.owner_id", ondelete="CASCADE"), primary_key=True),
    Column("holder", String(64), primary_key=True),
    Column("picos", BigInteger, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("heard_at", Float, nullable=False),
)

# Answers to requests that were made before; without an answer a row says who is asking at the moment.
cached_answers = Table(
    "cached_answers",
    metadata,
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    # SHA-256 of endpoint, model, body and epoch.
    Column("key", String(64), primary_key=True),
    Column("model_id", String(40), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("claimed_by", String(64)),
    Column("claimed_until", Float),
    Column("answer", Text),
    Index("ix_cached_answers_model", "project_id", "model_id"),
    Index("ix_cached_answers_claimed_by", "claimed_by"),
)

# What each worker may send to an endpoint it is calling, so that together they keep to its limit.
endpoint_shares = Table(
    "endpoint_shares",
    metadata,
    # SHA-256 of its address and key, and the worker's own name.
    Column("endpoint", String(64), primary_key=True),
    Column("worker", String(64), primary_key=True),
    # By the database's clock: when the worker was last heard of, and until when it found the endpoint closed.
    Column("heard_at", Float, nullable=False),
    Column("closed_until", Float, nullable=False),
    # Requests it would like to have in flight, the lowest priority number among them, and those it may have.
    Column("demand", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("places", Integer, nullable=False),
)
