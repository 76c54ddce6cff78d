"""Small work that somebody waits for: tries of models, and what is done with benchmarks."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from stratix.storage.tables._base import NullableJson, metadata

# A few requests to a model, made by a worker, to see what its endpoint answers.
model_tries = Table(
    "model_tries",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("model_id", String(40), nullable=False),
    Column("prompt", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("error", Text, nullable=False, default=""),
    # What has been found out so far.
    Column("report", NullableJson),
    # The worker that has it, and when that was last heard of.
    Column("worker", String(64)),
    Column("heard_at", Float),
    Column("created_at", Float, nullable=False),
    Index("ix_model_tries_status", "status"),
)

# How far the latest installation of a public benchmark is.
installations = Table(
    "installations",
    metadata,
    Column("benchmark_id", String(40), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("bytes_done", BigInteger, nullable=False, default=0),
    Column("bytes_total", BigInteger),
    Column("error", Text, nullable=False, default=""),
    # When the process that does it was last heard of.
    Column("heard_at", Float, nullable=False),
)

# How far the latest verification of an installed benchmark is, and what it found.
verifications = Table(
    "verifications",
    metadata,
    Column("benchmark_id", String(40), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("prompts_done", Integer, nullable=False, default=0),
    Column("prompts_total", Integer),
    Column("error", Text, nullable=False, default=""),
    Column("report", NullableJson),
    Column("heard_at", Float, nullable=False),
)

# How far custom benchmarks are that are made of uploaded files, and what came of them.
imports = Table(
    "imports",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("status", String(16), nullable=False),
    Column("prompts_done", Integer, nullable=False, default=0),
    Column("prompts_total", Integer),
    Column("error", Text, nullable=False, default=""),
    # What is said besides, such as the lines that cannot be used.
    Column("details", NullableJson),
    # The benchmark that was made.
    Column("made", NullableJson),
    Column("heard_at", Float, nullable=False),
)
