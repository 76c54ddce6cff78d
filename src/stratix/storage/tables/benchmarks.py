"""Installed benchmarks and their prompts."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text

from stratix.storage.tables._base import Json, metadata

benchmark_versions = Table(
    "benchmark_versions",
    metadata,
    Column("id", String(40), primary_key=True),
    # A public benchmark's id from the catalogue or a row of custom_benchmarks.
    Column("benchmark_id", String(40), nullable=False),
    Column("version", String(64), nullable=False),
    Column("task", Json, nullable=False),
    Column("prompt_count", Integer, nullable=False),
    Column("subsets", Json, nullable=False),
    Column("source", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Index("uq_benchmark_versions_version", "benchmark_id", "version", unique=True),
)

prompts = Table(
    "prompts",
    metadata,
    Column("version_id", ForeignKey("benchmark_versions.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("prompt_id", String(256), nullable=False),
    Column("subset", String(256), nullable=False),
    Column("input", Json, nullable=False),
    Column("truth", Text, nullable=False),
    Column("aliases", Json, nullable=False),
    Column("choices", Json, nullable=False),
    Column("metadata", Json, nullable=False),
    Index("ix_prompts_subset", "version_id", "subset", "position"),
)
