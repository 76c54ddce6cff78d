"""Who uses the platform, and what they bring: keys, uploads, custom models and benchmarks."""

from __future__ import annotations

from sqlalchemy import (
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
    text,
)

from stratix.storage.tables._base import Json, NullableJson, metadata

organizations = Table(
    "organizations",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(256), nullable=False),
    Column("created_at", Float, nullable=False),
)

projects = Table(
    "projects",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False, index=True),
    Column("name", String(256), nullable=False),
    # The public models and benchmarks chosen for the project; NULL: all of them.
    Column("model_ids", NullableJson),
    Column("benchmark_ids", NullableJson),
    Column("created_at", Float, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    # SHA-256 of the key: keys are random and long, so a slow hash would buy nothing.
    Column("hash", String(64), nullable=False, unique=True),
    Column("prefix", String(16), nullable=False),
    Column("name", String(256), nullable=False),
    # What it may do, joined by commas.
    Column("scopes", String(64), nullable=False, server_default="read,run,admin"),
    Column("created_at", Float, nullable=False),
    # To the minute; NULL until it is used.
    Column("last_used_at", Float),
    Column("revoked_at", Float),
)

# Keys of model providers, one for each project and provider at most.
provider_keys = Table(
    "provider_keys",
    metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("provider", String(64), primary_key=True),
    Column("secret_encrypted", Text, nullable=False),
    # What may be shown of it, made when it came; "" for one too short to show any of it.
    Column("masked", String(16), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    # The API key that set it; NULL for whoever needed none.
    Column("changed_by", ForeignKey("api_keys.id")),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("key", String(256), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("status_code", Integer, nullable=False),
    Column("response", Json, nullable=False),
    Column("created_at", Float, nullable=False),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("key", String(512), nullable=False),
    Column("filename", String(512), nullable=False),
    Column("content_type", String(256), nullable=False),
    Column("size", Integer, nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("expires_at", Float, nullable=False),
    # NULL until the bytes have arrived; the row goes once they are used.
    Column("content", LargeBinary),
    Column("created_at", Float, nullable=False),
    Index("ix_uploads_project_key", "project_id", "key"),
)

custom_models = Table(
    "custom_models",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("key", String(256), nullable=False),
    Column("name", String(256), nullable=False),
    Column("description", String(500), nullable=False),
    Column("api_url", Text, nullable=False),
    Column("max_tokens", Integer, nullable=False),
    Column("extra_payload", NullableJson),
    # What its endpoint allows a minute; NULL where nobody has said.
    Column("requests_per_minute", Integer),
    Column("tokens_per_minute", Integer),
    # US dollars a token, as decimal texts; NULL where nobody has said.
    Column("cost_per_input_token", String(40)),
    Column("cost_per_output_token", String(40)),
    Column("api_key_encrypted", Text),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("created_at", Float, nullable=False),
    # A deleted model keeps its row for the evaluations that refer to it; its key is free again.
    Index(
        "uq_custom_models_live_key",
        "project_id",
        "key",
        unique=True,
        sqlite_where=text("disabled = 0"),
        postgresql_where=text("NOT disabled"),
    ),
)

custom_benchmarks = Table(
    "custom_benchmarks",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("key", String(256), nullable=False),
    Column("name", String(64), nullable=False),
    Column("description", String(280), nullable=False),
    Column("input_type", String(32)),
    Column("metrics", Json, nullable=False),
    Column("files", Json, nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("created_at", Float, nullable=False),
    Index(
        "uq_custom_benchmarks_live_key",
        "project_id",
        "key",
        unique=True,
        sqlite_where=text("disabled = 0"),
        postgresql_where=text("NOT disabled"),
    ),
)
