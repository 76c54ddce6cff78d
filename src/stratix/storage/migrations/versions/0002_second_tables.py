"""Second tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "budgets",
        sa.Column("owner_id", sa.String(length=40), nullable=False),
        sa.Column("cap_picos", sa.BigInteger(), nullable=True),
        sa.Column("cap_tokens", sa.BigInteger(), nullable=True),
        sa.Column("spent_picos", sa.BigInteger(), nullable=False),
        sa.Column("spent_tokens", sa.BigInteger(), nullable=False),
        sa.Column("assumed_calls", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_budgets")),
    )
    op.create_table(
        "counters",
        sa.Column("series", sa.String(length=512), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_counters")),
    )
    op.create_table(
        "endpoint_shares",
        sa.Column("endpoint", sa.String(length=64), nullable=False),
        sa.Column("worker", sa.String(length=64), nullable=False),
        sa.Column("heard_at", sa.Float(), nullable=False),
        sa.Column("closed_until", sa.Float(), nullable=False),
        sa.Column("demand", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("endpoint", "worker", name=op.f("pk_endpoint_shares")),
    )
    op.create_table(
        "installations",
        sa.Column("benchmark_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("bytes_done", sa.BigInteger(), nullable=False),
        sa.Column("bytes_total", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("heard_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("benchmark_id", name=op.f("pk_installations")),
    )
    op.create_table(
        "schema_versions",
        sa.Column("revision", sa.String(length=16), nullable=False),
        sa.Column("oldest", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_schema_versions")),
    )
    op.create_table(
        "workers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=256), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("beat_at", sa.Float(), nullable=False),
        sa.Column("lost_at", sa.Float(), nullable=True),
        sa.Column("gauges", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_table(
        "budget_leases",
        sa.Column("owner_id", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("picos", sa.BigInteger(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["budgets.owner_id"], name=op.f("fk_budget_leases_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("owner_id", "holder", name=op.f("pk_budget_leases")),
    )
    op.create_table(
        "cached_answers",
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("model_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("claimed_by", sa.String(length=64), nullable=True),
        sa.Column("claimed_until", sa.Float(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_cached_answers_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "key", name=op.f("pk_cached_answers")),
    )
    with op.batch_alter_table("cached_answers", schema=None) as batch_op:
        batch_op.create_index("ix_cached_answers_claimed_by", ["claimed_by"], unique=False)
        batch_op.create_index("ix_cached_answers_model", ["project_id", "model_id"], unique=False)

    op.create_table(
        "model_tries",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("model_id", sa.String(length=40), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("worker", sa.String(length=64), nullable=True),
        sa.Column("heard_at", sa.Float(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_model_tries_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_tries")),
    )
    with op.batch_alter_table("model_tries", schema=None) as batch_op:
        batch_op.create_index("ix_model_tries_status", ["status"], unique=False)

    op.create_table(
        "deaths",
        sa.Column("evaluation_id", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_deaths_evaluation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("evaluation_id", name=op.f("pk_deaths")),
    )
    op.create_table(
        "earlier_results",
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
        sa.Column("cached", sa.Boolean(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("judge_replies", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["evaluations.id"],
            name=op.f("fk_earlier_results_evaluation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("evaluation_id", "epoch", "position", name=op.f("pk_earlier_results")),
    )
    op.create_table(
        "holds",
        sa.Column("evaluation_id", sa.String(length=40), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_holds_evaluation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("evaluation_id", "generation", "worker", name=op.f("pk_holds")),
    )
    op.create_table(
        "original_verdicts",
        sa.Column("evaluation_id", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("extracted", sa.Text(), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("grade", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["evaluations.id"],
            name=op.f("fk_original_verdicts_evaluation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("evaluation_id", "epoch", "position", name=op.f("pk_original_verdicts")),
    )
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("scopes", sa.String(length=64), server_default="read,run,admin", nullable=False)
        )
        batch_op.add_column(sa.Column("last_used_at", sa.Float(), nullable=True))

    with op.batch_alter_table("custom_models", schema=None) as batch_op:
        batch_op.add_column(sa.Column("requests_per_minute", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("tokens_per_minute", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("cost_per_input_token", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("cost_per_output_token", sa.String(length=40), nullable=True))

    with op.batch_alter_table("evaluations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paused_at", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("idle_seconds", sa.Float(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("deadline_seconds", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("deadline_at", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("retries", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column("epochs_reducer", sa.String(length=16), server_default="mean", nullable=False)
        )
        batch_op.add_column(sa.Column("shots", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("priority", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("budget_usd", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("budget_tokens", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("cache", sa.Boolean(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("api_key_id", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("budget_stop", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("shown_scoring_id", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("summary_generation", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("summary_attempts", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("summary_lease", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("summary_error", sa.Text(), nullable=True))
        batch_op.drop_index(batch_op.f("ix_evaluations_project_accuracy"))
        batch_op.create_index(
            "ix_evaluations_project_accuracy",
            ["project_id", "accuracy", "submitted_at", "id", "status", "model_id", "benchmark_id"],
            unique=False,
        )
        batch_op.drop_index(batch_op.f("ix_evaluations_project_duration"))
        batch_op.create_index(
            "ix_evaluations_project_duration",
            ["project_id", "average_duration", "submitted_at", "id", "status", "model_id", "benchmark_id"],
            unique=False,
        )
        batch_op.drop_index(batch_op.f("ix_evaluations_project_submitted"))
        batch_op.create_index(
            "ix_evaluations_project_submitted",
            ["project_id", "submitted_at", "id", "status", "model_id", "benchmark_id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_evaluations_project_pair",
            ["project_id", "model_id", "benchmark_id", "submitted_at", "status", "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_evaluations_public",
            ["submitted_at"],
            unique=False,
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.create_index(
            "ix_evaluations_summary_due",
            ["finished_at"],
            unique=False,
            sqlite_where=sa.text("finished_at IS NOT NULL AND summary_generation IS NOT generation"),
            postgresql_where=sa.text(
                "finished_at IS NOT NULL AND summary_generation IS DISTINCT FROM generation"
            ),
        )

    with op.batch_alter_table("prompts", schema=None) as batch_op:
        batch_op.create_index("ix_prompts_subset", ["version_id", "subset", "position"], unique=False)

    with op.batch_alter_table("results", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cached", sa.Boolean(), server_default="0", nullable=False))
        batch_op.create_index(
            "ix_results_outcome", ["evaluation_id", "outcome", "epoch", "position"], unique=False
        )

    with op.batch_alter_table("scoring_rows", schema=None) as batch_op:
        batch_op.add_column(sa.Column("grade", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("judge_tokens_input", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("judge_tokens_output", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("judge_cost", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("judge_replies", sa.JSON(none_as_null=True), nullable=True))

    with op.batch_alter_table("scorings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("judge_model_id", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("judge_model_key", sa.String(length=256), nullable=True))
        batch_op.add_column(sa.Column("is_custom_judge", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("judge_tokens_input", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("judge_tokens_output", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("judge_cost", sa.Float(), nullable=True))


def downgrade() -> None:
    """Undo the revision."""
    with op.batch_alter_table("scorings", schema=None) as batch_op:
        batch_op.drop_column("judge_cost")
        batch_op.drop_column("judge_tokens_output")
        batch_op.drop_column("judge_tokens_input")
        batch_op.drop_column("is_custom_judge")
        batch_op.drop_column("judge_model_key")
        batch_op.drop_column("judge_model_id")

    with op.batch_alter_table("scoring_rows", schema=None) as batch_op:
        batch_op.drop_column("judge_replies")
        batch_op.drop_column("judge_cost")
        batch_op.drop_column("judge_tokens_output")
        batch_op.drop_column("judge_tokens_input")
        batch_op.drop_column("grade")

    with op.batch_alter_table("results", schema=None) as batch_op:
        batch_op.drop_index("ix_results_outcome")
        batch_op.drop_column("cached")

    with op.batch_alter_table("prompts", schema=None) as batch_op:
        batch_op.drop_index("ix_prompts_subset")

    with op.batch_alter_table("evaluations", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_evaluations_summary_due",
            sqlite_where=sa.text("finished_at IS NOT NULL AND summary_generation IS NOT generation"),
            postgresql_where=sa.text(
                "finished_at IS NOT NULL AND summary_generation IS DISTINCT FROM generation"
            ),
        )
        batch_op.drop_index(
            "ix_evaluations_public",
            sqlite_where=sa.text("is_public = 1"),
            postgresql_where=sa.text("is_public"),
        )
        batch_op.drop_index("ix_evaluations_project_pair")
        batch_op.drop_index("ix_evaluations_project_submitted")
        batch_op.create_index(
            batch_op.f("ix_evaluations_project_submitted"), ["project_id", "submitted_at"], unique=False
        )
        batch_op.drop_index("ix_evaluations_project_duration")
        batch_op.create_index(
            batch_op.f("ix_evaluations_project_duration"), ["project_id", "average_duration"], unique=False
        )
        batch_op.drop_index("ix_evaluations_project_accuracy")
        batch_op.create_index(
            batch_op.f("ix_evaluations_project_accuracy"), ["project_id", "accuracy"], unique=False
        )
        batch_op.drop_column("summary_error")
        batch_op.drop_column("summary_lease")
        batch_op.drop_column("summary_attempts")
        batch_op.drop_column("summary_generation")
        batch_op.drop_column("shown_scoring_id")
        batch_op.drop_column("budget_stop")
        batch_op.drop_column("api_key_id")
        batch_op.drop_column("cache")
        batch_op.drop_column("budget_tokens")
        batch_op.drop_column("budget_usd")
        batch_op.drop_column("priority")
        batch_op.drop_column("shots")
        batch_op.drop_column("epochs_reducer")
        batch_op.drop_column("retries")
        batch_op.drop_column("deadline_at")
        batch_op.drop_column("deadline_seconds")
        batch_op.drop_column("idle_seconds")
        batch_op.drop_column("paused_at")

    with op.batch_alter_table("custom_models", schema=None) as batch_op:
        batch_op.drop_column("cost_per_output_token")
        batch_op.drop_column("cost_per_input_token")
        batch_op.drop_column("tokens_per_minute")
        batch_op.drop_column("requests_per_minute")

    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.drop_column("last_used_at")
        batch_op.drop_column("scopes")

    op.drop_table("original_verdicts")
    op.drop_table("holds")
    op.drop_table("earlier_results")
    op.drop_table("deaths")
    with op.batch_alter_table("model_tries", schema=None) as batch_op:
        batch_op.drop_index("ix_model_tries_status")

    op.drop_table("model_tries")
    with op.batch_alter_table("cached_answers", schema=None) as batch_op:
        batch_op.drop_index("ix_cached_answers_model")
        batch_op.drop_index("ix_cached_answers_claimed_by")

    op.drop_table("cached_answers")
    op.drop_table("budget_leases")
    op.drop_table("workers")
    op.drop_table("schema_versions")
    op.drop_table("installations")
    op.drop_table("endpoint_shares")
    op.drop_table("counters")
    op.drop_table("budgets")
