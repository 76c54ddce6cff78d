"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "benchmark_versions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("benchmark_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("task", sa.JSON(), nullable=False),
        sa.Column("prompt_count", sa.Integer(), nullable=False),
        sa.Column("subsets", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benchmark_versions")),
    )
    with op.batch_alter_table("benchmark_versions", schema=None) as batch_op:
        batch_op.create_index("uq_benchmark_versions_version", ["benchmark_id", "version"], unique=True)

    op.create_table(
        "organizations",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("organization_id", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("revoked_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_api_keys_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_keys_hash")),
    )
    op.create_table(
        "projects",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("organization_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("model_ids", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("benchmark_ids", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_projects_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
    )
    with op.batch_alter_table("projects", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_projects_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "prompts",
        sa.Column("version_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("prompt_id", sa.String(length=256), nullable=False),
        sa.Column("subset", sa.String(length=256), nullable=False),
        sa.Column("input", sa.JSON(), nullable=False),
        sa.Column("truth", sa.Text(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["benchmark_versions.id"], name=op.f("fk_prompts_version_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_prompts")),
    )
    op.create_table(
        "custom_benchmarks",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("organization_id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("description", sa.String(length=280), nullable=False),
        sa.Column("input_type", sa.String(length=32), nullable=True),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_custom_benchmarks_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_custom_benchmarks_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_benchmarks")),
    )
    with op.batch_alter_table("custom_benchmarks", schema=None) as batch_op:
        batch_op.create_index(
            "uq_custom_benchmarks_live_key",
            ["project_id", "key"],
            unique=True,
            sqlite_where=sa.text("disabled = 0"),
            postgresql_where=sa.text("NOT disabled"),
        )

    op.create_table(
        "custom_models",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("organization_id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("api_url", sa.Text(), nullable=False),
        sa.Column("max_tokens", sa.Integer(), nullable=False),
        sa.Column("extra_payload", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("api_key_encrypted", sa.Text(), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_custom_models_organization_id")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_custom_models_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_models")),
    )
    with op.batch_alter_table("custom_models", schema=None) as batch_op:
        batch_op.create_index(
            "uq_custom_models_live_key",
            ["project_id", "key"],
            unique=True,
            sqlite_where=sa.text("disabled = 0"),
            postgresql_where=sa.text("NOT disabled"),
        )

    op.create_table(
        "evaluations",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("organization_id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("status_description", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("enqueued_generation", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.Float(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=True),
        sa.Column("finished_at", sa.Float(), nullable=True),
        sa.Column("model_id", sa.String(length=40), nullable=False),
        sa.Column("model_key", sa.String(length=256), nullable=False),
        sa.Column("model_name", sa.String(length=256), nullable=False),
        sa.Column("model_company", sa.String(length=256), nullable=False),
        sa.Column("is_custom_model", sa.Boolean(), nullable=False),
        sa.Column("judge_model_id", sa.String(length=40), nullable=True),
        sa.Column("judge_model_key", sa.String(length=256), nullable=True),
        sa.Column("is_custom_judge", sa.Boolean(), nullable=True),
        sa.Column("benchmark_id", sa.String(length=40), nullable=False),
        sa.Column("benchmark_key", sa.String(length=256), nullable=False),
        sa.Column("benchmark_name", sa.String(length=256), nullable=False),
        sa.Column("is_custom_benchmark", sa.Boolean(), nullable=False),
        sa.Column("version_id", sa.String(length=40), nullable=True),
        sa.Column("limit", sa.Integer(), nullable=True),
        sa.Column("epochs", sa.Integer(), nullable=False),
        sa.Column("concurrency", sa.Integer(), nullable=True),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("invalid_threshold", sa.Float(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("aggregates", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("accuracy", sa.Float(), nullable=False),
        sa.Column("average_duration", sa.Integer(), nullable=False),
        sa.Column("summary", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_evaluations_organization_id")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_evaluations_project_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["benchmark_versions.id"], name=op.f("fk_evaluations_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
    )
    with op.batch_alter_table("evaluations", schema=None) as batch_op:
        batch_op.create_index("ix_evaluations_project_accuracy", ["project_id", "accuracy"], unique=False)
        batch_op.create_index(
            "ix_evaluations_project_duration", ["project_id", "average_duration"], unique=False
        )
        batch_op.create_index(
            "ix_evaluations_project_submitted", ["project_id", "submitted_at"], unique=False
        )
        batch_op.create_index("ix_evaluations_status", ["status"], unique=False)

    op.create_table(
        "idempotency_keys",
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=False),
        sa.Column("response", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_idempotency_keys_project_id")),
        sa.PrimaryKeyConstraint("project_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=512), nullable=False),
        sa.Column("filename", sa.String(length=512), nullable=False),
        sa.Column("content_type", sa.String(length=256), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_uploads_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_uploads_token_hash")),
    )
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.create_index("ix_uploads_project_key", ["project_id", "key"], unique=False)

    op.create_table(
        "results",
        sa.Column("evaluation_id", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("extracted", sa.Text(), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("finish_reason", sa.String(length=64), nullable=True),
        sa.Column("duration_ms", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tokens_input", sa.Integer(), nullable=True),
        sa.Column("tokens_output", sa.Integer(), nullable=True),
        sa.Column("tokens_reasoning", sa.Integer(), nullable=True),
        sa.Column("provider_request_id", sa.String(length=256), nullable=True),
        sa.Column("grade", sa.String(length=64), nullable=True),
        sa.Column("judge_tokens_input", sa.Integer(), nullable=True),
        sa.Column("judge_tokens_output", sa.Integer(), nullable=True),
        sa.Column("cost", sa.Float(), nullable=True),
        sa.Column("judge_cost", sa.Float(), nullable=True),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("judge_replies", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_results_evaluation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("evaluation_id", "epoch", "position", name=op.f("pk_results")),
    )
    op.create_table(
        "scorings",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("evaluation_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("status_description", sa.Text(), nullable=False),
        sa.Column("scorer", sa.JSON(), nullable=False),
        sa.Column("subset_scorers", sa.JSON(), nullable=False),
        sa.Column("versions", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("worker", sa.String(length=64), nullable=True),
        sa.Column("heard_at", sa.Float(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("finished_at", sa.Float(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=True),
        sa.Column("transitions", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("accuracy", sa.Float(), nullable=True),
        sa.Column("outcomes", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("aggregates", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_scorings_evaluation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorings")),
    )
    with op.batch_alter_table("scorings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scorings_evaluation_id"), ["evaluation_id"], unique=False)
        batch_op.create_index("ix_scorings_status", ["status"], unique=False)

    op.create_table(
        "scoring_rows",
        sa.Column("scoring_id", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("extracted", sa.Text(), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scoring_id"], ["scorings.id"], name=op.f("fk_scoring_rows_scoring_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("scoring_id", "epoch", "position", name=op.f("pk_scoring_rows")),
    )


def downgrade() -> None:
    """Undo the revision."""
    op.drop_table("scoring_rows")
    with op.batch_alter_table("scorings", schema=None) as batch_op:
        batch_op.drop_index("ix_scorings_status")
        batch_op.drop_index(batch_op.f("ix_scorings_evaluation_id"))

    op.drop_table("scorings")
    op.drop_table("results")
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.drop_index("ix_uploads_project_key")

    op.drop_table("uploads")
    op.drop_table("idempotency_keys")
    with op.batch_alter_table("evaluations", schema=None) as batch_op:
        batch_op.drop_index("ix_evaluations_status")
        batch_op.drop_index("ix_evaluations_project_submitted")
        batch_op.drop_index("ix_evaluations_project_duration")
        batch_op.drop_index("ix_evaluations_project_accuracy")

    op.drop_table("evaluations")
    with op.batch_alter_table("custom_models", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_custom_models_live_key",
            sqlite_where=sa.text("disabled = 0"),
            postgresql_where=sa.text("NOT disabled"),
        )

    op.drop_table("custom_models")
    with op.batch_alter_table("custom_benchmarks", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_custom_benchmarks_live_key",
            sqlite_where=sa.text("disabled = 0"),
            postgresql_where=sa.text("NOT disabled"),
        )

    op.drop_table("custom_benchmarks")
    op.drop_table("prompts")
    with op.batch_alter_table("projects", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_projects_organization_id"))

    op.drop_table("projects")
    op.drop_table("api_keys")
    op.drop_table("organizations")
    with op.batch_alter_table("benchmark_versions", schema=None) as batch_op:
        batch_op.drop_index("uq_benchmark_versions_version")

    op.drop_table("benchmark_versions")
