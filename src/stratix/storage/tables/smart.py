"""Benchmarks that a model writes from documents: the files, their passages, and how far it is."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from stratix.storage.tables._base import Json, NullableJson, metadata

smart_benchmarks = Table(
    "smart_benchmarks",
    metadata,
    Column("benchmark_id", ForeignKey("custom_benchmarks.id", ondelete="CASCADE"), primary_key=True),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    # The API key that made it, whose budget it is under.
    Column("api_key_id", String(40)),
    # pending, generating, paused, ready or failed
    Column("status", String(16), nullable=False),
    Column("status_description", Text, nullable=False, default=""),
    # The owner of the budget that it is paused at.
    Column("paused_by", String(40)),
    # What the user wants of the prompts.
    Column("instructions", Text, nullable=False),
    Column("model_id", String(40), nullable=False),
    Column("model_key", String(256), nullable=False),
    Column("is_custom_model", Boolean, nullable=False),
    Column("prompts_per_passage", Integer, nullable=False),
    Column("max_passages", Integer, nullable=False),
    # Whether answers are taken from the cache.
    Column("cache", Boolean, nullable=False),
    # Passages to ask about; NULL until the files are read.
    Column("total", Integer),
    # Counted in the transactions that store what came of each.
    Column("done", Integer, nullable=False, default=0),
    Column("prompts", Integer, nullable=False, default=0),
    Column("duplicates", Integer, nullable=False, default=0),
    Column("barren", Integer, nullable=False, default=0),
    Column("unreadable", Integer, nullable=False, default=0),
    Column("failed", Integer, nullable=False, default=0),
    Column("tokens_input", BigInteger, nullable=False, default=0),
    Column("tokens_output", BigInteger, nullable=False, default=0),
    # US dollars by list prices; NULL once a part is not known.
    Column("cost", Float, default=0.0),
    # What a person should know of it, a sentence each.
    Column("findings", Json, nullable=False, default=list),
    # The worker that has it, how often one has taken it, and when it was last heard of.
    Column("worker", String(64)),
    Column("claims", Integer, nullable=False, default=0),
    Column("heard_at", Float),
    Column("created_at", Float, nullable=False),
    Column("finished_at", Float),
    Index("ix_smart_benchmarks_status", "status"),
)

# The bytes, until they are cut into passages.
smart_files = Table(
    "smart_files",
    metadata,
    Column("benchmark_id", ForeignKey("smart_benchmarks.benchmark_id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("filename", String(512), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

# Until the prompts are made of them, which hold the passage they are about.
smart_passages = Table(
    "smart_passages",
    metadata,
    Column("benchmark_id", ForeignKey("smart_benchmarks.benchmark_id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("file", String(512), nullable=False),
    # Where in the file, for a person: page 3, rows 5-9.
    Column("place", String(256), nullable=False),
    Column("text", Text, nullable=False),
    # prompts, barren, unreadable or failed; NULL until the model was asked.
    Column("outcome", String(16)),
    # Question and answer of each prompt.
    Column("pairs", NullableJson),
    Column("error", Text, nullable=False, default=""),
)
