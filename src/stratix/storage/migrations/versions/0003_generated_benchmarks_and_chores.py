"""Generated benchmarks, work in the background, what an evaluation has taken so far."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "verifications",
        sa.Column("benchmark_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("prompts_done", sa.Integer(), nullable=False),
        sa.Column("prompts_total", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("heard_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("benchmark_id", name=op.f("pk_verifications")),
    )
    op.create_table(
        "imports",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("prompts_done", sa.Integer(), nullable=False),
        sa.Column("prompts_total", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("made", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("heard_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_imports_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_table(
        "provider_keys",
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=False),
        sa.Column("secret_encrypted", sa.Text(), nullable=False),
        sa.Column("masked", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.Column("changed_by", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["changed_by"], ["api_keys.id"], name=op.f("fk_provider_keys_changed_by")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_provider_keys_project_id")),
        sa.PrimaryKeyConstraint("project_id", "provider", name=op.f("pk_provider_keys")),
    )
    op.create_table(
        "smart_benchmarks",
        sa.Column("benchmark_id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("api_key_id", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("status_description", sa.Text(), nullable=False),
        sa.Column("paused_by", sa.String(length=40), nullable=True),
        sa.Column("instructions", sa.Text(), nullable=False),
        sa.Column("model_id", sa.String(length=40), nullable=False),
        sa.Column("model_key", sa.String(length=256), nullable=False),
        sa.Column("is_custom_model", sa.Boolean(), nullable=False),
        sa.Column("prompts_per_passage", sa.Integer(), nullable=False),
        sa.Column("max_passages", sa.Integer(), nullable=False),
        sa.Column("cache", sa.Boolean(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("prompts", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("barren", sa.Integer(), nullable=False),
        sa.Column("unreadable", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("tokens_input", sa.BigInteger(), nullable=False),
        sa.Column("tokens_output", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.Float(), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("worker", sa.String(length=64), nullable=True),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("heard_at", sa.Float(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("finished_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["benchmark_id"],
            ["custom_benchmarks.id"],
            name=op.f("fk_smart_benchmarks_benchmark_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_smart_benchmarks_project_id")),
        sa.PrimaryKeyConstraint("benchmark_id", name=op.f("pk_smart_benchmarks")),
    )
    with op.batch_alter_table("smart_benchmarks", schema=None) as batch_op:
        batch_op.create_index("ix_smart_benchmarks_status", ["status"], unique=False)

    op.create_table(
        "smart_files",
        sa.Column("benchmark_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=512), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["benchmark_id"],
            ["smart_benchmarks.benchmark_id"],
            name=op.f("fk_smart_files_benchmark_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("benchmark_id", "position", name=op.f("pk_smart_files")),
    )
    op.create_table(
        "smart_passages",
        sa.Column("benchmark_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(length=512), nullable=False),
        sa.Column("place", sa.String(length=256), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("pairs", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["benchmark_id"],
            ["smart_benchmarks.benchmark_id"],
            name=op.f("fk_smart_passages_benchmark_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("benchmark_id", "position", name=op.f("pk_smart_passages")),
    )
    with op.batch_alter_table("evaluations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("spent", sa.JSON(none_as_null=True), nullable=True))
        batch_op.create_index(
            "ix_evaluations_attention",
            ["project_id", "submitted_at", "id", "status", "model_id", "benchmark_id"],
            unique=False,
            sqlite_where=sa.text(
                "(status IN ('failure','timeout','paused') OR status = 'success' AND status_description<>'')"
            ),
            postgresql_where=sa.text(
                "(status IN ('failure','timeout','paused') OR status = 'success' AND status_description<>'')"
            ),
        )
        batch_op.create_index(
            "ix_evaluations_project_benchmark",
            ["project_id", "benchmark_id", "submitted_at", "status", "model_id", "id"],
            unique=False,
        )


def downgrade() -> None:
    """Undo the revision."""
    with op.batch_alter_table("evaluations", schema=None) as batch_op:
        batch_op.drop_index("ix_evaluations_project_benchmark")
        batch_op.drop_index(
            "ix_evaluations_attention",
            sqlite_where=sa.text(
                "(status IN ('failure','timeout','paused') OR status = 'success' AND status_description<>'')"
            ),
            postgresql_where=sa.text(
                "(status IN ('failure','timeout','paused') OR status = 'success' AND status_description<>'')"
            ),
        )
        batch_op.drop_column("spent")

    op.drop_table("smart_passages")
    op.drop_table("smart_files")
    with op.batch_alter_table("smart_benchmarks", schema=None) as batch_op:
        batch_op.drop_index("ix_smart_benchmarks_status")

    op.drop_table("smart_benchmarks")
    op.drop_table("provider_keys")
    op.drop_table("imports")
    op.drop_table("verifications")
